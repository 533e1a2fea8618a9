/** All that the rules speak of. */
import { CHANNELS, SITES } from './channels.ts';
import { createLexicon } from './lexicon.ts';
import { HINTS, MONEY } from './money.ts';
import { NUMBERS } from './numbers.ts';
import { PEOPLE } from './people.ts';
import { PHRASES } from './phrases.ts';
import { PLACES } from './places.ts';
import { SENSES } from './senses.ts';
import { WORK } from './work.ts';

export const lexicon = createLexicon({
  ...PEOPLE,
  ...CHANNELS,
  ...SITES,
  ...WORK,
  ...MONEY,
  ...HINTS,
  ...PLACES,
  ...PHRASES,
  ...NUMBERS,
  ...SENSES,
  // What a channel is when any will do.
  CHANNEL: '&MESSENGER, &EMAIL, &PHONE, &SOCIAL_APP, &MEET_APP, &CONTACT_WORD',
});
