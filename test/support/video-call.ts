/** Two demo people in a call, as they would get there: by clicks. */
import type { Person } from './browser.ts';

/** Opens the thread of both on both pages. */
export const openThread = async (dana: Person, tomas: Person): Promise<void> => {
  const threadId = await dana.page.evaluate(async () => {
    const { threadId } = await window.__parley.client.messageProposal('proposal-tomas', 'Shall we talk now?');
    return threadId;
  });
  for (const { page } of [dana, tomas]) await page.getByTestId(`thread-${threadId}`).click();
};

/** One calls, the other answers, both join. */
export const startVideoCall = async (dana: Person, tomas: Person): Promise<void> => {
  await dana.page.getByTestId('call-video').click();
  await tomas.page.getByTestId('answer').click();
  for (const { page } of [dana, tomas]) await page.getByTestId('prejoin-join').click();
};
