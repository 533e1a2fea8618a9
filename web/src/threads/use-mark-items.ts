/** What one can do with a thread for oneself alone, as items of a menu: keep it at hand, archive it, hide it. */
import { Archive, ArchiveRestore, Eye, EyeOff, Star, StarOff } from 'lucide-react';
import { type Mark, ProtocolError, type ThreadSummary } from '../../../protocol/index.ts';
import { useParley } from '../app/parley.tsx';
import { useAnnounce } from '../ui/announcer.tsx';
import type { MenuItem } from '../ui/menu.tsx';
import { useNotify } from '../ui/notices.tsx';

/** `onMark` is told before it happens: the thread may leave the list that it is in. */
export const useMarkItems = (
  { threadId, marks }: Pick<ThreadSummary, 'threadId' | 'marks'>,
  name: string,
  onMark: (mark: Mark) => void = () => {},
): MenuItem[] => {
  const { client } = useParley();
  const notify = useNotify();
  const announce = useAnnounce();

  const set = async (mark: Mark, value: boolean, said: string): Promise<void> => {
    onMark(mark);
    try {
      await client.thread(threadId).mark({ [mark]: value });
    } catch (error) {
      notify(error instanceof ProtocolError ? error.message : 'That did not work. Try again.');
      return;
    }
    if (mark === 'favourite') announce(said);
    else notify(said, { undo: () => void takeBack(mark, !value) });
  };
  const takeBack = (mark: Mark, value: boolean): Promise<void> =>
    client
      .thread(threadId)
      .mark({ [mark]: value })
      .then(
        () => announce('Taken back'),
        () => notify('That could not be taken back. Try again.'),
      );

  const favourite: MenuItem = marks.favourite
    ? { label: 'Remove from favourites', icon: StarOff, run: () => void set('favourite', false, 'Removed from favourites') }
    : { label: 'Add to favourites', icon: Star, run: () => void set('favourite', true, 'Added to favourites') };
  const archive: MenuItem = marks.archived
    ? {
        label: 'Move out of the archive',
        icon: ArchiveRestore,
        run: () => void set('archived', false, `${name} is back in your conversations`),
      }
    : { label: 'Archive', icon: Archive, run: () => void set('archived', true, `${name} is archived`) };
  const hide: MenuItem = marks.hidden
    ? { label: 'Show again', icon: Eye, run: () => void set('hidden', false, `${name} is back in your conversations`) }
    : {
        label: 'Hide until the next message',
        icon: EyeOff,
        run: () => void set('hidden', true, `${name} is hidden until the next message`),
      };
  // What is archived is out of the list already.
  return marks.archived && !marks.hidden ? [favourite, archive] : [favourite, archive, hide];
};
