import { Modal } from "@mantine/core";
import { EditDialog } from "../features/edit/edit-dialog";
import { ImportDialog } from "../features/edit/import-dialog";
import { useActs } from "../features/forwards/acts";
import { PreviewDialog } from "../features/source/preview-dialog";
import { RemoveDialog } from "../features/source/remove-dialog";
import { useScreen } from "../state/app";
import { Confirmation } from "./confirmation";
import { KeyList } from "./key-list";
import { LinkBanner } from "./link-banner";

/** The one dialog that can be open. */
export function Dialogs() {
  const dialog = useScreen((screen) => screen.dialog);
  const { closeDialog } = useActs();
  const size = {
    edit: 680,
    new: 680,
    import: 560,
    preview: 880,
    "remove-source": 560,
    confirm: 632,
    keys: 560,
  };
  return (
    <Modal
      opened={!!dialog}
      onClose={closeDialog}
      size={dialog ? size[dialog.kind] : 680}
      keepMounted={false}
    >
      {dialog && <LinkBanner /* out of reach behind the dialog, which must not be left for it */ />}
      {dialog?.kind === "edit" && (
        <EditDialog id={dialog.id} {...(dialog.field ? { field: dialog.field } : {})} />
      )}
      {dialog?.kind === "new" && (
        <EditDialog
          {...(dialog.like ? { like: dialog.like } : {})}
          {...(dialog.environment ? { environment: dialog.environment } : {})}
        />
      )}
      {dialog?.kind === "import" && <ImportDialog />}
      {dialog?.kind === "preview" && <PreviewDialog name={dialog.source} />}
      {dialog?.kind === "remove-source" && <RemoveDialog name={dialog.source} />}
      {dialog?.kind === "confirm" && <Confirmation question={dialog.question} />}
      {dialog?.kind === "keys" && <KeyList />}
    </Modal>
  );
}
