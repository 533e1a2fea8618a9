/** Help in place: short notes beside what they are about, the same for everybody, and whether people found them useful. */
import { z } from 'zod';

export interface HelpNote {
  readonly noteId: HelpNoteId;
  /** Where it is shown. */
  readonly place: 'pre-join' | 'composer' | 'thread';
  readonly title: string;
  /** A line each. */
  readonly lines: readonly string[];
}

export const HelpNoteId = z.enum(['interview-practice', 'sharing-files', 'staying-safe']);
export type HelpNoteId = z.infer<typeof HelpNoteId>;

/** The words of all notes. To change one, change it here; its id stays, and so do its counts. */
export const HELP_NOTES: readonly HelpNote[] = [
  {
    noteId: 'interview-practice',
    place: 'pre-join',
    title: 'Getting ready for an interview',
    lines: [
      'Look at yourself here first: light in front of you, camera at the height of your eyes.',
      'Say a sentence and watch the meter. When it moves, the others will hear you.',
      'Have one piece of work open that you can show, and know what you would like to ask.',
      'Five minutes at the end for what happens next, and when, are well spent.',
    ],
  },
  {
    noteId: 'sharing-files',
    place: 'composer',
    title: 'Sharing files',
    lines: [
      'Put a file where you keep your work and post its link here; say in a line what it is.',
      'Before a contract, samples are enough. Keep full deliverables until the work is agreed.',
      'Check who can open the link. Nobody needs passwords or papers of yours to look at a sample.',
    ],
  },
  {
    noteId: 'staying-safe',
    place: 'thread',
    title: 'Staying safe',
    lines: [
      'Talk, call and pay here. What happens elsewhere nobody can help you with.',
      'Do not begin to work before a contract has started.',
      'You never have to pay to get a job, or hand over codes, passwords or papers.',
      'If something feels wrong, stop answering and tell the platform’s support.',
    ],
  },
];

export const HelpVote = z.object({ noteId: HelpNoteId, helpful: z.boolean() });
/** How many people said so of a note. */
export const HelpCount = z.object({ noteId: HelpNoteId, title: z.string(), helpful: z.int().min(0), unhelpful: z.int().min(0) });

export type HelpVote = z.infer<typeof HelpVote>;
export type HelpCount = z.infer<typeof HelpCount>;
