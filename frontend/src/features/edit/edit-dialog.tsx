import type { ForwardView } from "../../backend";
import { DialogHead } from "../../ui/dialog";
import { useActs } from "../forwards/acts";

/** Edits a forward, or makes a new one. */
export function EditDialog({
  id,
}: {
  id?: string;
  field?: string;
  like?: ForwardView;
  environment?: string;
}) {
  const { closeDialog } = useActs();
  return <DialogHead title={id ? "Edit" : "New forward"} onClose={closeDialog} />;
}
