/** Questions that are asked at once and answered in their order: whoever goes on after its answer does so in the order in which it came. */
export interface InOrder {
  ask<Answer>(key: string, question: () => Promise<Answer>): Promise<Answer>;
}

export const createInOrder = (): InOrder => {
  const tails = new Map<string, Promise<unknown>>();
  return {
    ask(key, question) {
      const answer = question();
      // Until its turn nobody listens.
      answer.catch(() => {});
      const before = tails.get(key);
      const turn = before === undefined ? answer : before.then(() => answer);
      // A step behind whoever waits for the turn itself.
      const tail = turn.then(
        () => {},
        () => {},
      );
      tails.set(key, tail);
      void tail.then(() => {
        if (tails.get(key) === tail) tails.delete(key);
      });
      return turn;
    },
  };
};
