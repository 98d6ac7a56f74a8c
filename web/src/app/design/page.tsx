/** The design system at a glance, at /design of `npm run dev`; never shipped, so that its words are not keyed. */

import { ApiProblem } from "@cse/core"
import { Inbox, Settings } from "lucide-react"
import { type ReactNode, useState } from "react"
import {
  Amount,
  Avatar,
  Badge,
  Button,
  Change,
  Checkbox,
  ConfirmDialog,
  CopyText,
  DataTable,
  EmptyState,
  ErrorState,
  Field,
  IconButton,
  Menu,
  Money,
  Notice,
  NumberInput,
  PasswordInput,
  Price,
  SegmentedControl,
  Select,
  Sheet,
  Skeleton,
  Slider,
  Sparkline,
  Switch,
  Tabs,
  TextInput,
  Time,
  toast,
} from "@/components"
import { Mark } from "../shell/brand"

const NOW = Date.now()
const ROWS = ["1.2431", "0.0820", "14.0000"].map((price, at) => ({ name: ["NOVA", "LUMEN", "ECHO"][at] ?? "", price }))

export default function DesignPage() {
  return (
    <div className="mx-auto flex w-full max-w-5xl flex-col gap-10 px-4 py-10">
      <h1 className="font-display text-40">The tape and the person</h1>
      <Marks />
      <Buttons />
      <Inputs />
      <Numbers />
      <States />
      <Tables />
      <Above />
    </div>
  )
}

function Marks() {
  return (
    <Part title="Marks and type">
      <Mark size={18} />
      <Mark size={32} />
      <Mark size={64} />
      <p className="font-display text-28">Bricolage 28</p>
      <p className="text-20">Geist 20</p>
      <p className="num text-14">1,234.5678 tabular</p>
      <p className="font-mono text-13">Geist Mono 13</p>
    </Part>
  )
}

function Buttons() {
  return (
    <Part title="Buttons">
      {(["primary", "secondary", "ghost", "danger", "up", "down"] as const).map((variant) => (
        <Button key={variant} variant={variant}>
          {variant}
        </Button>
      ))}
      <Button variant="primary" pending>
        Pending
      </Button>
      <Button disabled>Disabled</Button>
      <Button size="sm">Small</Button>
      <Button size="lg" variant="primary">
        Large
      </Button>
      <IconButton label="Settings" icon={<Settings size={16} strokeWidth={1.5} />} />
    </Part>
  )
}

function Inputs() {
  const [text, setText] = useState({ side: "buy", price: "1.2430", share: 25, on: true, select: "gtc" })
  const set = (change: Partial<typeof text>): void => setText({ ...text, ...change })
  return (
    <Part title="Inputs">
      <div className="grid w-full gap-4 sm:grid-cols-2">
        <Field label="Name" hint="As others see it.">
          {(ids) => <TextInput {...ids} placeholder="nova" />}
        </Field>
        <Field label="Password" error="It needs twelve letters or more.">
          {(ids) => <PasswordInput {...ids} autoComplete="off" />}
        </Field>
        <Field label="Price" aside="best bid 1.2431">
          {(ids) => (
            <NumberInput {...ids} value={text.price} onChange={(price) => set({ price })} step="0.0001" decimals={4} unit="USDC" />
          )}
        </Field>
        <Field label="Time in force">
          {({ id }) => (
            <Select
              id={id}
              value={text.select}
              onChange={(select) => set({ select })}
              options={[
                { value: "gtc", label: "Until cancelled" },
                { value: "ioc", label: "At once or not" },
              ]}
            />
          )}
        </Field>
        <Slider label="Share" value={text.share} onChange={(share) => set({ share })} marks={[0, 25, 50, 75, 100]} />
        <SegmentedControl
          label="Side"
          value={text.side}
          onChange={(side) => set({ side })}
          options={[
            { value: "buy", label: "Buy", tone: "text-up!" },
            { value: "sell", label: "Sell", tone: "text-down!" },
          ]}
        />
        <Checkbox checked={text.on} onChange={(on) => set({ on })} label="Post-only" hint="Never takes from the book." />
        <Switch checked={text.on} onChange={(on) => set({ on })} label="Sounds" hint="When an order is filled." />
      </div>
    </Part>
  )
}

function Numbers() {
  return (
    <Part title="Numbers">
      <Price value="1.2400" from="1.2" className="text-28" />
      <Price value="0.0820" from="0.1" />
      <Amount value="1200.00" asset="USDC" />
      <Money value="12.50" asset="USDC" signed />
      <Money value="-3.10" asset="USDC" signed />
      <Change from="1" to="1.031" />
      <Change from="1" to="0.97" />
      <Time at={NOW} />
      <Time at={NOW - 200_000} form="relative" />
      <Sparkline values={[3, 4, 3.5, 5, 4.8, 6]} />
      <Sparkline values={[6, 5, 5.5, 4, 3.8, 3]} />
    </Part>
  )
}

function States() {
  return (
    <Part title="States">
      <Badge>Plain</Badge>
      <Badge kind="info">Info</Badge>
      <Badge kind="warn">Cancel only</Badge>
      <Badge kind="down">Halted</Badge>
      <Badge kind="up">Open</Badge>
      <Avatar handle="nova" size={40} />
      <Avatar handle="ada" size={24} />
      <Avatar handle="lumen" size={32} />
      <CopyText text="bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq" />
      <Skeleton w={120} />
      <div className="grid w-full gap-3 sm:grid-cols-2">
        {(["info", "warn", "down", "up"] as const).map((kind) => (
          <Notice key={kind} kind={kind} title="NOVA is halted until 14:00">
            You can cancel orders; new ones are not taken.
          </Notice>
        ))}
      </div>
    </Part>
  )
}

function Tables() {
  const [tab, setTab] = useState("open")
  return (
    <Part title="Tables and tabs">
      <div className="w-full">
        <Tabs
          label="Orders"
          value={tab}
          onChange={setTab}
          items={[
            { value: "open", label: "Open orders", count: 3 },
            { value: "history", label: "History" },
          ]}
        >
          <DataTable
            caption="Prices"
            rows={ROWS}
            rowKey={(row) => row.name}
            columns={[
              { key: "name", header: "Market", cell: (row) => row.name, sort: (a, b) => a.name.localeCompare(b.name) },
              { key: "price", header: "Price", align: "end", cell: (row) => <Price value={row.price} /> },
            ]}
          />
        </Tabs>
      </div>
      <EmptyState
        icon={<Inbox size={24} strokeWidth={1.5} />}
        title="No open orders"
        body="Orders that wait in the book are listed here."
        action={<Button size="sm">Place one</Button>}
      />
      <ErrorState problem={new ApiProblem("unavailable", "", 503, {}, "01J9-77-abc", true)} onRetry={() => undefined} />
    </Part>
  )
}

function Above() {
  const [open, setOpen] = useState<"confirm" | "sheet" | null>(null)
  return (
    <>
      <Part title="Above the page">
        <Button onClick={() => setOpen("confirm")}>Confirm</Button>
        <Button onClick={() => setOpen("sheet")}>Sheet</Button>
        <Menu trigger={<Button>Menu</Button>} items={[{ label: "One", onSelect: () => undefined }, { separator: true }, { label: "Remove", danger: true, onSelect: () => undefined }]} />
        {(["info", "up", "warn", "down"] as const).map((kind) => (
          <Button key={kind} onClick={() => toast(kind, "Bought 12.00 NOVA", "At 1.2431 USDC on average.")}>
            Toast {kind}
          </Button>
        ))}
        <Button onClick={() => toast("info", "Order cancelled", undefined, { label: "Undo", run: () => undefined })}>Undo</Button>
      </Part>
      <ConfirmDialog
        open={open === "confirm"}
        onOpenChange={() => setOpen(null)}
        title="Cancel all open orders?"
        description="3 orders in 2 markets; 125.00 USDC and 40.00 NOVA become available again."
        confirmLabel="Cancel 3 orders"
        danger
        onConfirm={() => undefined}
      />
      <Sheet open={open === "sheet"} onOpenChange={() => setOpen(null)} title="Buy NOVA">
        <Button variant="up" className="w-full">
          Buy
        </Button>
      </Sheet>
    </>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-3">
      <h2 className="border-b border-line pb-1 text-12 text-muted">{title}</h2>
      <div className="flex flex-wrap items-center gap-3">{children}</div>
    </section>
  )
}
