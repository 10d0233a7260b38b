import { DialogHead } from "../../ui/dialog";
import { useActs } from "../forwards/acts";

/** Adds forwards from a file or from kubectl lines. */
export function ImportDialog() {
  const { closeDialog } = useActs();
  return <DialogHead title="Import forwards" onClose={closeDialog} />;
}
