import { useEffect, useState } from "react";
import { type Access, type AddSource, asFault, type Fault } from "../../backend";
import { useApp } from "../../state/app";

/** What is known of a repository while, and after, it is looked at. */
export interface Look {
  /** A look is under way; what was found before stays beside it. */
  busy: boolean;
  access?: Access;
  fault?: Fault;
}

/**
 * Looks at a repository whenever what is asked becomes another, after a pause for those who still type. again
 * makes it look once more. Undefined asks for nothing.
 */
export function useLook(asked: AddSource | undefined, pause: number, again = 0): Look {
  const { backend } = useApp();
  const [look, setLook] = useState<Look>({ busy: false });
  const key = asked ? JSON.stringify([asked, again]) : "";
  useEffect(() => {
    if (!key) {
      setLook({ busy: false });
      return;
    }
    const [add] = JSON.parse(key) as [AddSource];
    const over = new AbortController();
    setLook(({ fault: _, ...l }) => ({ ...l, busy: true }));
    const timer = setTimeout(() => {
      backend.look(add, over.signal).then(
        (access) => !over.signal.aborted && setLook({ busy: false, access }),
        (thrown) => !over.signal.aborted && setLook({ busy: false, fault: asFault(thrown) }),
      );
    }, pause);
    return () => {
      clearTimeout(timer);
      over.abort();
    };
  }, [backend, key, pause]);
  return look;
}
