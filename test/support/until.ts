/** Waits for a condition; when it does not come, says what was waited for. */
export const until = async <Value>(
  what: string,
  look: () => Value | undefined | false | Promise<Value | undefined | false>,
  withinMs = 10_000,
): Promise<Value> => {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`Waited ${withinMs} ms for ${what}, and it did not come.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
