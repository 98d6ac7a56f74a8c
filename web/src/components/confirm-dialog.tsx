import { type ReactNode, useState } from "react"
import { useTranslation } from "react-i18next"
import { Button } from "./button"
import { Dialog } from "./dialog"

export interface ConfirmDialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  description?: ReactNode
  children?: ReactNode
  /** What the button does, as a verb: "Cancel 3 orders". */
  confirmLabel: string
  danger?: boolean | undefined
  /** Something is missing still, such as a reason. */
  disabled?: boolean | undefined
  /** Closes the dialog when it is done; one that throws leaves it open: its caller tells why. */
  onConfirm: () => void | Promise<void>
}

/** Asks once before something weighty; the way back has the focus. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { t } = useTranslation()
  const [pending, setPending] = useState(false)
  const confirm = async (): Promise<void> => {
    setPending(true)
    try {
      await props.onConfirm()
      props.onOpenChange(false)
    } finally {
      setPending(false)
    }
  }
  return (
    <Dialog
      open={props.open}
      onOpenChange={props.onOpenChange}
      title={props.title}
      description={props.description}
      size="sm"
      footer={
        <>
          <Button data-autofocus onClick={() => props.onOpenChange(false)}>
            {t("action.back")}
          </Button>
          <Button
            variant={props.danger ? "danger" : "primary"}
            pending={pending}
            disabled={props.disabled}
            onClick={() => void confirm()}
          >
            {props.confirmLabel}
          </Button>
        </>
      }
    >
      {props.children}
    </Dialog>
  )
}
