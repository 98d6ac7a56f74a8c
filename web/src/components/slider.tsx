import { Slider as Radix } from "radix-ui"

export interface SliderProps {
  /** 0 to 100. */
  value: number
  onChange: (value: number) => void
  /** Called once when the thumb is let go. */
  onCommit?: ((value: number) => void) | undefined
  label: string
  /** Stops that show, such as [0, 25, 50, 75, 100]. */
  marks?: readonly number[] | undefined
  step?: number | undefined
  disabled?: boolean | undefined
  /** What the value means, read out: "25 % of what you have". */
  valueText?: string | undefined
}

/** A share of something, in percent; arrow keys by `step`, Shift or Page keys by ten. Left is 0 in every language. */
export function Slider({ value, onChange, onCommit, label, marks = [], step = 1, disabled, valueText }: SliderProps) {
  return (
    <Radix.Root
      dir="ltr"
      min={0}
      max={100}
      step={step}
      value={[value]}
      disabled={disabled ?? false}
      onValueChange={([next]) => onChange(next ?? 0)}
      onValueCommit={([next]) => onCommit?.(next ?? 0)}
      className="relative flex h-6 w-full touch-none select-none items-center data-[disabled]:opacity-45"
    >
      <Radix.Track className="relative h-0.5 w-full bg-line-strong">
        <Radix.Range className="absolute h-full bg-text" />
        {marks.map((mark) => (
          <span
            key={mark}
            aria-hidden
            className={`absolute top-1/2 size-1.5 -translate-x-1/2 -translate-y-1/2 rotate-45 ${mark <= value ? "bg-text" : "bg-line-strong"}`}
            style={{ left: `${mark}%` }}
          />
        ))}
      </Radix.Track>
      <Radix.Thumb
        aria-label={label}
        aria-valuetext={valueText}
        className="block size-3.5 rotate-45 rounded-[2px] border-2 border-text bg-surface before:absolute before:-inset-1.5 hover:bg-raised"
      />
    </Radix.Root>
  )
}
