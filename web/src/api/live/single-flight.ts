/**
 * Runs the work of a key one at a time, and once more if it was asked for meanwhile. What a later run read is therefore
 * newer than what an earlier one read, so that answers cannot overtake each other, and a burst of events costs two reads.
 */
export function singleFlight<K>(work: (key: K) => Promise<void>): (key: K) => void {
  const running = new Map<K, boolean>();
  const run = async (key: K): Promise<void> => {
    running.set(key, false);
    try {
      await work(key);
    } finally {
      const again = running.get(key) === true;
      running.delete(key);
      if (again) void run(key);
    }
  };
  return (key) => {
    if (running.has(key)) running.set(key, true);
    else void run(key);
  };
}
