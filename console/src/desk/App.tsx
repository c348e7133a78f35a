import { App as AntApp, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { useEffect } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { PreferencesProvider, usePreferences } from './session/preferences.tsx';
import { may, mayAdminister, SessionProvider, useSession } from './session/session.tsx';
import { AudienceList } from './audience/AudienceList.tsx';
import { AudiencePage } from './audience/AudiencePage.tsx';
import { Book } from './book/Book.tsx';
import { CalendarPage } from './calendar/CalendarPage.tsx';
import { CampaignEditor } from './campaign/CampaignEditor.tsx';
import { CampaignList } from './campaign/CampaignList.tsx';
import { CampaignPage } from './campaign/CampaignPage.tsx';
import { FailurePage } from './campaign/FailurePage.tsx';
import { ChannelPage } from './channel/ChannelPage.tsx';
import { ContentEditor } from './content/ContentEditor.tsx';
import { ContentList } from './content/ContentList.tsx';
import { ContentPage } from './content/ContentPage.tsx';
import { CoveragePage } from './coverage/CoveragePage.tsx';
import { KeptPage } from './event/KeptPage.tsx';
import { ImportList } from './importing/ImportList.tsx';
import { ImportPage } from './importing/ImportPage.tsx';
import { JourneyList } from './journey/JourneyList.tsx';
import { JourneyPage, NewJourney } from './journey/JourneyPage.tsx';
import { ComparePage } from './merge/ComparePage.tsx';
import { MergePage } from './merge/MergePage.tsx';
import { Failed } from './shell/Failed.tsx';
import { NotFound } from './shell/NotFound.tsx';
import { Shell } from './shell/Shell.tsx';
import { themeOf } from './shell/theme.ts';
import { StaffPage } from './staff/StaffPage.tsx';
import { TaskRoom } from './task/TaskRoom.tsx';
import { TierPage } from './tier/TierPage.tsx';
import { WebhookPage } from './webhook/WebhookPage.tsx';
import { WordsProvider } from './words/words.tsx';
import { Workspace } from './workspace/Workspace.tsx';

/** Notices leave the bar with its menus free. */
const BELOW_BAR = { top: 60, maxCount: 3 };

/** The desk: preferences, language and look around the session, and the rooms inside the shell. */
export function App() {
  return (
    <PreferencesProvider>
      <Dressed />
    </PreferencesProvider>
  );
}

function Dressed() {
  const { language, dark, still } = usePreferences();
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
  }, [language, dark]);
  return (
    <ConfigProvider
      theme={themeOf(dark, still)}
      locale={language === 'zh' ? zhCN : enUS}
      button={{ autoInsertSpace: false }}
    >
      <WordsProvider language={language}>
        <AntApp className="whole" message={{ maxCount: 3 }} notification={BELOW_BAR}>
          <Failed>
            <SessionProvider>
              <Rooms />
            </SessionProvider>
          </Failed>
        </AntApp>
      </WordsProvider>
    </ConfigProvider>
  );
}

function Rooms() {
  const { person } = useSession();
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route index element={<Navigate to={may(person, 'serve') ? '/tickets/queue' : '/campaigns'} replace />} />
        {may(person, 'serve') && (
          <>
            <Route path="tickets" element={<Navigate to="/tickets/queue" replace />} />
            <Route path="tickets/:view/:ticketId?" element={<Workspace />} />
            <Route path="tasks/:view?/:taskId?" element={<TaskRoom />} />
            <Route path="reach/:tab?/:noticeId?" element={<CoveragePage />} />
          </>
        )}
        {may(person, 'studio') && (
          <>
            <Route path="campaigns" element={<CampaignList />} />
            <Route path="campaigns/:campaignId" element={<CampaignPage />} />
            <Route path="campaigns/:campaignId/failures" element={<FailurePage />} />
            <Route path="audiences" element={<AudienceList />} />
            <Route path="audiences/:audienceId" element={<AudiencePage />} />
            {may(person, 'campaign') && (
              <>
                <Route path="campaigns/new" element={<CampaignEditor />} />
                <Route path="campaigns/:campaignId/edit" element={<CampaignEditor />} />
                <Route path="audiences/new" element={<AudiencePage />} />
                <Route path="contents/new" element={<ContentEditor />} />
                <Route path="contents/:contentId/edit" element={<ContentEditor />} />
              </>
            )}
            <Route path="contents" element={<ContentList />} />
            <Route path="contents/:contentId" element={<ContentPage />} />
          </>
        )}
        {may(person, 'journeys') && (
          <>
            <Route path="journeys" element={<JourneyList />} />
            {may(person, 'journey') && <Route path="journeys/new" element={<NewJourney />} />}
            <Route path="journeys/:journeyId" element={<JourneyPage />} />
          </>
        )}
        {may(person, 'watch') && <Route path="channels" element={<ChannelPage />} />}
        {mayAdminister(person) && <Route path="channels/webhooks" element={<WebhookPage />} />}
        {may(person, 'staff') && <Route path="staff" element={<StaffPage />} />}
        <Route path="book" element={<Book />}>
          <Route index element={<Navigate to={may(person, 'book') ? 'tiers' : 'calendars'} replace />} />
          {may(person, 'book') && <Route path="tiers" element={<TierPage />} />}
          {may(person, 'watch') && (
            <>
              <Route path="imports" element={<ImportList />} />
              <Route path="imports/:importId" element={<ImportPage />} />
              <Route path="events" element={<KeptPage />} />
              <Route path="merges" element={<MergePage />} />
              <Route path="merges/:keptId/:goneId" element={<ComparePage />} />
            </>
          )}
          <Route path="calendars/:exchange?/:month?" element={<CalendarPage />} />
          <Route path="*" element={<NotFound />} />
        </Route>
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}
