import { PageBar, PageBody } from "../../ui/page";

/** The revisions of a source, or of all, with superseded edits; revision is the one that is open. */
export function Changes({ source, revision }: { source?: string; revision?: number }) {
  return (
    <>
      <PageBar>
        <h1>Changes</h1>
      </PageBar>
      <PageBody>{source && revision}</PageBody>
    </>
  );
}
