/** The proposal beside the conversation: a column where there is room, a sheet where there is not. */
import { X } from 'lucide-react';
import { useMediaQuery, WIDE } from '../lib/use-media-query.ts';
import { IconButton } from '../ui/button.tsx';
import { Dialog, DialogBody } from '../ui/dialog.tsx';
import { ProposalDetails } from './proposal-details.tsx';
import css from './proposal-panel.module.css';

interface Props {
  readonly proposalId: string;
  /** There is no room for a column now, whatever the window's width. */
  readonly crowded?: boolean;
  readonly onClose: () => void;
}

export const ProposalPanel = ({ proposalId, crowded = false, onClose }: Props) => {
  const isWide = useMediaQuery(WIDE) && !crowded;
  if (!isWide)
    return (
      <Dialog title="Proposal" shape="sheet" onClose={onClose}>
        <DialogBody>
          <ProposalDetails proposalId={proposalId} />
        </DialogBody>
      </Dialog>
    );
  return (
    <aside className={css.panel} aria-label="Proposal">
      <header className={css.header}>
        <h2>Proposal</h2>
        <IconButton label="Close the proposal" icon={X} tip="below-end" onClick={onClose} />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className={css.body} aria-label="Proposal details" tabIndex={0}>
        <ProposalDetails proposalId={proposalId} />
      </section>
    </aside>
  );
};
