/** The seed of a file's random tests, printed so that a failure can be run again with PARLEY_TEST_SEED. */
export const testSeed = (): number => {
  const seed = Number(process.env.PARLEY_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.info(`Seed of the random tests: ${seed}.`);
  return seed;
};
