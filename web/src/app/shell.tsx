/** The signed-in application: the list, the conversation or the proposals, the proposal beside it, and the call. */
import { MessagesSquare, ShieldX } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { DeskView } from '../call/call-desk.ts';
import { useDeskView } from '../call/call-provider.tsx';
import { type CallShape, CallStage } from '../call/call-stage.tsx';
import { IncomingCalls } from '../call/incoming-call.tsx';
import { PreJoin } from '../call/pre-join.tsx';
import { Conversation } from '../conversation/conversation.tsx';
import { JobPage } from '../jobs/job-page.tsx';
import { JobsPage } from '../jobs/jobs-page.tsx';
import { JobsProvider, useLoadedJobs } from '../jobs/use-jobs.ts';
import { classes } from '../lib/classes.ts';
import { NARROW, useMediaQuery, WIDE } from '../lib/use-media-query.ts';
import { useReadable } from '../lib/use-readable.ts';
import { CasePage } from '../moderation/case-page.tsx';
import { ModerationPage } from '../moderation/moderation-page.tsx';
import { Announcements } from '../news/announcements.tsx';
import { ProposalPanel } from '../proposals/proposal-panel.tsx';
import { ProposalView } from '../proposals/proposal-view.tsx';
import { ProposalsPage } from '../proposals/proposals-page.tsx';
import { ProposalsProvider, useLoadedProposals } from '../proposals/use-proposals.ts';
import { ArchivedPage } from '../threads/archived-page.tsx';
import { Sidebar } from '../threads/sidebar.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { useCovered } from '../ui/layers.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { useParley } from './parley.tsx';
import { type Route, useRoute } from './route.ts';
import css from './shell.module.css';
import { useTitle } from './use-title.ts';

export const Shell = () => {
  const { client } = useParley();
  const route = useRoute();
  const proposals = useLoadedProposals();
  const jobs = useLoadedJobs();
  const isCovered = useCovered();
  const isNarrow = useMediaQuery(NARROW);
  const isWide = useMediaQuery(WIDE);
  const desk = useDeskView();
  const { threads, marked } = useReadable(client.inbox);
  const isModerator = useReadable(client.roles).includes('moderator');
  const [panel, setPanel] = usePanel(isWide);
  useTitle();
  // Favourites stand on top, however old they are.
  useEffect(() => void client.loadMarked('favourite').catch(() => {}), [client]);

  const shape = callShape(desk, route, isNarrow);
  const threadId = route.page === 'thread' ? route.threadId : null;
  const thread = [...threads, ...marked].find((one) => one.threadId === threadId);
  const proposalId = thread?.proposal?.proposalId ?? null;
  const isCrowded = shape === 'docked';
  const isPanelOpen = route.page === 'thread' && panel && !(isCrowded && isWide);

  // A call takes the proposal's place; coming back from it, the panel is as it was.
  const togglePanel = (): void => setPanel(!panel);
  const closePanel = (): void => setPanel(false);

  return (
    <JobsProvider value={jobs}>
      <ProposalsProvider value={proposals}>
        <div className={css.frame} inert={isCovered}>
          <Announcements />
          <ConnectionBanner />
          <div
            className={classes(css.shell, route.page === 'threads' && css.atList, shape === 'docked' && css.withCall)}
            data-panel={isPanelOpen && proposalId !== null && isWide}
          >
            <div className={css.side} role={isNarrow && route.page === 'threads' ? 'main' : undefined} inert={shape === 'full'}>
              <Sidebar />
            </div>
            {desk.stage.is === 'call' && shape !== null && (
              <CallStage key={desk.stage.interviewId} stage={desk.stage} shape={shape} />
            )}
            <main id="main" className={css.main} tabIndex={-1} inert={shape === 'full'}>
              {(route.page === 'moderation' || route.page === 'case') && !isModerator ? (
                <EmptyState page icon={ShieldX} title="This is for moderators">
                  Sign in with a token that has the role, if you are one.
                </EmptyState>
              ) : route.page === 'moderation' ? (
                <ModerationPage />
              ) : route.page === 'case' ? (
                <CasePage key={route.caseId} caseId={route.caseId} />
              ) : route.page === 'archived' ? (
                <ArchivedPage />
              ) : route.page === 'jobs' ? (
                <JobsPage />
              ) : route.page === 'job' ? (
                <JobPage key={route.jobId} jobId={route.jobId} />
              ) : route.page === 'proposal' ? (
                <ProposalView key={route.proposalId} proposalId={route.proposalId} />
              ) : threadId !== null ? (
                <Conversation
                  key={threadId}
                  threadId={threadId}
                  offset={route.page === 'thread' ? route.offset : undefined}
                  panelOpen={isPanelOpen}
                  onTogglePanel={togglePanel}
                />
              ) : route.page === 'threads' ? (
                <EmptyState page icon={MessagesSquare} title="Choose a conversation">
                  {threads.length === 0 ? 'Your conversations appear here.' : 'Pick one from the list, or answer a proposal.'}
                </EmptyState>
              ) : (
                <ProposalsPage />
              )}
            </main>
            {isPanelOpen && proposalId !== null && (
              <ProposalPanel key={proposalId} proposalId={proposalId} onClose={closePanel} />
            )}
          </div>
        </div>
        {desk.stage.is === 'prejoin' && <PreJoin key={desk.stage.interviewId} stage={desk.stage} />}
        <IncomingCalls />
      </ProposalsProvider>
    </JobsProvider>
  );
};

/** Beside its conversation where there is room; otherwise over everything, or small. */
const callShape = ({ stage, full, minimised }: DeskView, route: Route, isNarrow: boolean): CallShape | null => {
  if (stage.is !== 'call') return null;
  if (isNarrow) return minimised ? 'mini' : 'full';
  if (route.page !== 'thread' || route.threadId !== stage.threadId) return 'mini';
  return full ? 'full' : 'docked';
};

/** Whether the proposal is shown beside conversations: at first where there is room for it, then as one chose. */
const usePanel = (isWide: boolean): [open: boolean, set: (open: boolean) => void] => {
  const [open, setOpen] = useState(isWide);
  // A sheet that opens by itself, because the window became narrower, would be in the way.
  useEffect(() => {
    if (!isWide) setOpen(false);
  }, [isWide]);
  return [open, setOpen];
};
