import type { FieldChange, Revision, Row, SourceView, Superseded } from "../../backend";
import { fieldText, plural } from "../../state/format";
import type { Change } from "../../ui/change-sign";

/** The revisions of one day, newest first. */
export interface Day {
  /** "Today", "14 November". */
  title: string;
  revisions: Revision[];
}

/** Lays revisions out by the day on which they came into force here, in the person's own time. */
export function byDay(revisions: readonly Revision[], now: number): Day[] {
  const days: Day[] = [];
  for (const revision of revisions) {
    const title = dayOf(revision.at, now);
    const last = days.at(-1);
    if (last?.title === title) last.revisions.push(revision);
    else days.push({ title, revisions: [revision] });
  }
  return days;
}

/** A day as a person says it. */
export function dayOf(at: string, now: number): string {
  const day = new Date(at);
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const days = Math.round((midnight - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  const sameYear = day.getFullYear() === new Date(now).getFullYear();
  const year = sameYear ? {} : ({ year: "numeric" } as const);
  return day.toLocaleDateString("en-GB", { day: "numeric", month: "long", ...year });
}

/** How many of each change a revision brought, in the order in which they are shown; none that is zero. */
export function counts(revision: Revision, overruled: number): Array<[Change, number]> {
  const all: Array<[Change, number]> = [
    ["updated", revision.updated],
    ["added", revision.added],
    ["deleted", revision.deleted],
    ["invalid", revision.invalid],
    ["superseded", overruled],
  ];
  return all.filter(([, n]) => n > 0);
}

/** What a revision brought, in words: "2 added, 1 updated, 1 file not applied". */
export function summary(revision: Revision): string {
  if (!revision.known)
    return "The files of this time can no longer be read, so nobody can tell what changed.";
  const { added, updated, deleted, invalid } = revision;
  const parts = [
    ...(added ? [`${added.toLocaleString("en")} added`] : []),
    ...(updated ? [`${updated.toLocaleString("en")} updated`] : []),
    ...(deleted ? [`${deleted.toLocaleString("en")} deleted`] : []),
    ...(invalid ? [`${plural(invalid, "file")} not applied`] : []),
  ];
  return parts.length ? `${parts.join(", ")}.` : "No forward changed.";
}

/** The revision that is in force, or undefined where the source is beyond those that are kept. */
export function current(revisions: readonly Revision[], source: SourceView): Revision | undefined {
  return revisions.find((r) => r.commit.sha === source.commit.sha);
}

/** The overruled edits that a revision is answerable for. */
export function overruledBy(revision: Revision, superseded: readonly Superseded[]): Superseded[] {
  return superseded.filter((s) => s.source === revision.source && s.commit.sha === revision.commit.sha);
}

/** One field of a row; what is undefined was not there, or is not any more. */
export interface ShownField {
  name: string;
  before?: string;
  after?: string;
}

/** Lays out fields before and after. Of what is new or gone as a whole there is one side. */
export function shownFields(change: Change, fields: readonly FieldChange[] = []): ShownField[] {
  return fields.map(({ name, before, after }) => ({
    name,
    ...(change === "added" ? {} : { before: fieldText(before) }),
    ...(change === "deleted" ? {} : { after: fieldText(after) }),
  }));
}

/** The name of what a row is about: the alias where it has one. */
export function rowName(row: Row): string {
  if (row.kind === "file") return row.file;
  const alias = row.fields?.find((f) => f.name === "alias");
  return fieldText(alias?.after ?? alias?.before) || row.key || row.file;
}
