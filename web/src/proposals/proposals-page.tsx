/** "My proposals": those one sent, by where they stand. */
import { FileText } from 'lucide-react';
import { ListState } from '../ui/list-state.tsx';
import { MoreButton } from '../ui/more-button.tsx';
import { Page } from '../ui/page.tsx';
import { ProposalSections } from './proposal-sections.tsx';
import { useFresh } from './use-fresh.ts';
import { useProposals } from './use-proposals.ts';

const EMPTY = {
  icon: FileText,
  title: 'No proposals yet',
  text: 'Proposals that you send for jobs appear here, with where they stand.',
};

export const ProposalsPage = () => {
  const { status, list, users, sentPages, reload } = useProposals();
  useFresh(reload);
  const sent = list.filter(({ isReceived }) => !isReceived);
  return (
    <Page title="My proposals" back={{ to: { page: 'threads' }, label: 'Back to conversations', onPhone: true }}>
      <ListState status={status} what="proposals" isEmpty={sent.length === 0} empty={EMPTY} onRetry={reload}>
        <ProposalSections proposals={sent} side="sent" users={users} onOpened={reload} />
        <MoreButton {...sentPages} />
      </ListState>
    </Page>
  );
};
