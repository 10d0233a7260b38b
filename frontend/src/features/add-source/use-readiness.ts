import { useEffect, useState } from "react";
import type { Check } from "../../backend";
import { useApp } from "../../state/app";

/** The names of this computer's contexts; undefined until they are known, or where nobody can say. */
export function useContextNames(): string[] | undefined {
  const { backend } = useApp();
  const [names, setNames] = useState<string[]>();
  useEffect(() => {
    let here = true;
    backend.contexts().then(
      ({ contexts }) => here && setNames(contexts.map((c) => c.name)),
      () => {}, // a notice more or less: nobody waits for it
    );
    return () => {
      here = false;
    };
  }, [backend]);
  return names;
}

/** What was found on this computer; undefined until it is known, or where nobody can say. */
export function useCheckup(): Check[] | undefined {
  const { backend } = useApp();
  const [checks, setChecks] = useState<Check[]>();
  useEffect(() => {
    let here = true;
    backend.checkup().then(
      (list) => here && setChecks(list),
      () => here && setChecks([]),
    );
    return () => {
      here = false;
    };
  }, [backend]);
  return checks;
}
