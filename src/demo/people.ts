/** Demo mode plays a small host platform: a client with two jobs, three freelancers who sent proposals, and a moderator. */
import type { Job, PutProposal, User } from '../../protocol/index.ts';

export interface DemoPerson {
  readonly user: User;
  readonly role: 'client' | 'freelancer' | 'moderator';
}

const person = (
  userId: string,
  displayName: string,
  headline: string,
  timeZone: string,
  role: DemoPerson['role'],
): DemoPerson => ({
  user: { userId, displayName, headline, avatarUrl: null, timeZone },
  role,
});

export const DEMO_PEOPLE: readonly DemoPerson[] = [
  person('dana', 'Dana Whitfield', 'Head of product, Alder & Oak', 'America/New_York', 'client'),
  person('tomas', 'Tomás Rivera', 'Motion designer', 'Europe/Lisbon', 'freelancer'),
  person('aiko', 'Aiko Mori', 'Illustrator and animator', 'Asia/Tokyo', 'freelancer'),
  person('kwame', 'Kwame Mensah', 'Front-end engineer', 'Africa/Accra', 'freelancer'),
  person('noor', 'Noor Haddad', 'Trust and safety', 'Europe/Amsterdam', 'moderator'),
];

export const DEMO_JOBS: readonly Job[] = [
  {
    jobId: 'job-explainer',
    clientId: 'dana',
    title: 'Explainer video for a furniture care app',
    description:
      'We need a 75-second animated explainer for the launch of our furniture care app. The script is done and signed off; style frames, animation and sound are yours.\n\nWhat matters to us: calm pacing, hand-made textures, and a version that works without sound. Two rounds of changes. We would like style frames in the first week and the final film within five.',
  },
  {
    jobId: 'job-checkout',
    clientId: 'dana',
    title: 'Rebuild our checkout in React',
    description:
      'Our checkout is four pages of server-rendered forms. We want one page, fast on a mid-range phone, accessible, and measurable. The API exists and is documented; you would own the front end and its tests.',
  },
];

/** A fixed day, so that starting again changes nothing. */
const day = (date: number, hour: number): number => Date.UTC(2026, 10, date, hour);

export const DEMO_PROPOSALS: Readonly<Record<string, PutProposal>> = {
  'proposal-tomas': {
    jobId: 'job-explainer',
    freelancerId: 'tomas',
    managerId: null,
    coverLetter:
      'I read the script twice, and the moment that carries it is the water ring disappearing from the table. I would build the film around that: one room, one afternoon of light, the camera never in a hurry.\n\nI animate frame by frame where texture matters and rig the rest, so changes in the second round stay cheap. Style frames after four days; I work mornings in Lisbon, so there is a good overlap with New York.',
    bid: { amount: 4_800, currency: 'USD', per: 'project' },
    submittedAt: day(18, 9),
  },
  'proposal-aiko': {
    jobId: 'job-explainer',
    freelancerId: 'aiko',
    managerId: null,
    coverLetter:
      'I paint textures by hand and animate over them, which sounds close to what you describe. My last two films were for a tea maker and a museum shop, both under ninety seconds and both made to work in silence.\n\nI would begin with three style frames in different light, and you choose.',
    bid: { amount: 5_600, currency: 'USD', per: 'project' },
    submittedAt: day(19, 2),
  },
  'proposal-kwame': {
    jobId: 'job-checkout',
    freelancerId: 'kwame',
    managerId: null,
    coverLetter:
      'I have rebuilt two checkouts, one of them from four pages to one. What moved the numbers was not the framework but the order of the fields, address look-up that fails softly, and never losing what was typed.\n\nI would start with a week of measuring the present one.',
    bid: { amount: 65, currency: 'USD', per: 'hour' },
    submittedAt: day(20, 14),
  },
};
