import { PageBar, PageBody } from "../../ui/page";

/** The settings; section is that of the address: accounts, schedule, … */
export function Settings({ section }: { section: string }) {
  return (
    <>
      <PageBar>
        <h1>Settings</h1>
      </PageBar>
      <PageBody>{section}</PageBody>
    </>
  );
}
