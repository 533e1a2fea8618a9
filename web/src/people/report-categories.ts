/** What one can report, in words. */
import type { ReportCategory } from '../../../protocol/index.ts';

export const CATEGORIES: readonly { readonly category: ReportCategory; readonly label: string }[] = [
  { category: 'off_platform', label: 'They want to talk or be paid elsewhere' },
  { category: 'scam', label: 'A scam or a fraud' },
  { category: 'spam', label: 'Spam or advertising' },
  { category: 'harassment', label: 'Harassment or hate' },
  { category: 'other', label: 'Something else' },
];

export const categoryLabel = (category: ReportCategory): string =>
  CATEGORIES.find((one) => one.category === category)?.label ?? category;
