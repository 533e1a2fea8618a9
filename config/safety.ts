/** The settings of the guard, its seals, and how much one person does. */
import { z } from 'zod';
import { Policy } from './policy.ts';
import { count, setting } from './setting.ts';

export const SafetySettings = z
  .strictObject({
    sealKeys: setting(
      z
        .array(z.string().refine((key) => /^[A-Za-z0-9+/]{43}=$/.test(key), 'must be 32 random bytes in base64'))
        .max(10)
        .default([]),
      'PARLEY_SEAL_KEYS',
      'What masked originals are sealed with until the contract starts, as a JSON list: the first seals, all open. The same on every gateway. Demo mode makes its own.',
      { secret: true },
    ),
    policy: setting(
      Policy.prefault({}),
      'PARLEY_SAFETY_POLICY',
      'What becomes of what the guard finds, as JSON: {"before": {"phone": "warn", …}, …}; what is not named keeps its default.',
    ),
    limits: z
      .strictObject({
        messagesPerMinute: setting(
          count.default(60),
          'PARLEY_LIMIT_MESSAGES',
          'Messages that a person writes in any minute, on all devices; 0 for no limit, here and below.',
        ),
        messagesPerThreadMinute: setting(
          count.default(120),
          'PARLEY_LIMIT_THREAD_MESSAGES',
          'Messages that are written in one thread in any minute, by all of its members.',
        ),
        threadsPerDay: setting(
          count.default(50),
          'PARLEY_LIMIT_THREADS',
          'Conversations that a person begins in any 24 hours; those that the host platform opens by REST are not counted.',
        ),
        reportsPerDay: setting(count.default(50), 'PARLEY_LIMIT_REPORTS', 'Reports of a person in any 24 hours.'),
        newAccountDays: setting(
          z.int().min(0).max(365).default(7),
          'PARLEY_LIMIT_NEW_DAYS',
          'An account is new for so many days after `createdAt`, which the host platform puts with the user. When it never does, none is new.',
        ),
        newMessagesPerMinute: setting(
          count.default(20),
          'PARLEY_LIMIT_NEW_MESSAGES',
          'The same of a new account, where that is stricter.',
        ),
        newThreadsPerDay: setting(
          count.default(10),
          'PARLEY_LIMIT_NEW_THREADS',
          'Conversations that a new account begins in any 24 hours, where that is stricter.',
        ),
        sameTextThreads: setting(
          count.default(8),
          'PARLEY_LIMIT_SAME_TEXT',
          'The same text of 40 characters or more to so many threads within an hour opens a case for the moderators.',
        ),
      })
      .prefault({}),
  })
  .prefault({});
