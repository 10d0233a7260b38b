import { useEffect, useState } from "react";

/** The time in milliseconds, once a second: for what counts down. Nothing else should draw so often. */
export function useNow(every = 1000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
