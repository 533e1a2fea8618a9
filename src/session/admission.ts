/** Counts the sockets that have not authenticated yet, so that a flood of them is refused at the upgrade. */
export interface Admission {
  mayEnter(): boolean;
  enter(): void;
  leave(): void;
}

export const createAdmission = (options: { max: number; onCount: (waiting: number) => void }): Admission => {
  let waiting = 0;
  const count = (change: number): void => {
    waiting += change;
    options.onCount(waiting);
  };
  return { mayEnter: () => waiting < options.max, enter: () => count(1), leave: () => count(-1) };
};
