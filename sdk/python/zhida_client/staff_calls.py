# Made from docs/openapi.yaml by `python -m tools.sdk`: change that, not this.
"""What staff call."""

from __future__ import annotations

from uuid import UUID

from zhida_client.calls import Calls, segment
from zhida_client.schemas import (
    AllMerges,
    AudienceAsk,
    AudienceCount,
    AudienceDraft,
    AudienceInFull,
    AudienceLanguage,
    AudienceList,
    CampaignBreakdown,
    CampaignCheck,
    CampaignDetail,
    CampaignDraft,
    CampaignList,
    CampaignPart,
    CampaignResults,
    ChangeTierRulesBody,
    CheckImportBody,
    Comparison,
    ConsentDraft,
    ConsentWords,
    ContentDetail,
    ContentDraft,
    ContentFields,
    ContentList,
    Counted,
    Coverage,
    Created,
    EventFix,
    EventState,
    EventTypes,
    FailureGroups,
    Failures,
    Ids,
    ImportCheck,
    ImportDone,
    ImportLook,
    Imports,
    Insight,
    KeptEvents,
    ListDoublesAnswer,
    LookUpClientsAnswer,
    LookUpClientsBody,
    MergeClientsAnswer,
    MergeClientsBody,
    Merges,
    Note,
    Notice,
    NoticeDetail,
    NoticePage,
    NoticeState,
    Ok,
    OneImport,
    PasswordChange,
    Preview,
    PreviewAsk,
    ProofFile,
    ProofKey,
    Recipients,
    Replay,
    ReplayAll,
    Replayed,
    Session,
    SignIn,
    SplitClientsAnswer,
    SplitClientsBody,
    Submitted,
    TestAsk,
    TestClients,
    TestSends,
    TierRules,
    TierRuns,
    Timeline,
    Urgency,
    UrgencyChange,
    UrgencyList,
    UrgencyPolicy,
    Why200,
    Wishes,
)


class StaffCalls(Calls):
    """What staff call."""

    def get_session(self) -> Session:
        """Tells who is signed in."""
        return self._ask(Session, "GET", "/v1/session")

    def sign_in(self, body: SignIn) -> Session:
        """Signs in; sets the cookie that the other calls need.

        At most 5 tries in 20 s from an address, 20 failed ones in 5 min for a login.
        """
        return self._ask(Session, "POST", "/v1/session", body=body)

    def sign_out(self) -> None:
        """Signs out, at once and for good."""
        self._tell("DELETE", "/v1/session")

    def change_password(self, body: PasswordChange) -> None:
        """Changes one's own password, by the old one; the other sign-ins end."""
        self._tell("POST", "/v1/session/password", body=body)

    def list_event_types(self) -> EventTypes:
        """Lists every type of event with its figures, their units and bounds."""
        return self._ask(EventTypes, "GET", "/v1/events/types")

    def list_kept_events(
        self, *, limit: int | None = None, before: UUID | None = None
    ) -> KeptEvents:
        """Returns a page of events that nobody could handle yet, newest first.

        For these roles alone: supervisor, admin.
        """
        return self._ask(
            KeptEvents, "GET", "/v1/events/kept", query={"limit": limit, "before": before}
        )

    def replay_events(self, body: Ids) -> Counted:
        """Has failed events handled once more.

        For these roles alone: supervisor, admin.
        """
        return self._ask(Counted, "POST", "/v1/events/replay", body=body)

    def correct_event(self, id: UUID, body: EventFix) -> EventState:
        """Says whose a kept event is, or what; it is handled as soon as both are known.

        For these roles alone: supervisor, admin.
        """
        return self._ask(EventState, "POST", f"/v1/events/{segment(id)}/correct", body=body)

    def list_notices(
        self,
        *,
        state: NoticeState | None = None,
        urgency: Urgency | None = None,
        category: str | None = None,
        source: str | None = None,
        topic: str | None = None,
        client_id: UUID | None = None,
        since: str | None = None,
        after: UUID | None = None,
        limit: int | None = None,
    ) -> NoticePage:
        """Returns a page of the notices that the caller may see, newest first."""
        return self._ask(
            NoticePage,
            "GET",
            "/v1/notices",
            query={
                "state": state,
                "urgency": urgency,
                "category": category,
                "source": source,
                "topic": topic,
                "client_id": client_id,
                "since": since,
                "after": after,
                "limit": limit,
            },
        )

    def count_coverage(
        self,
        *,
        state: NoticeState | None = None,
        urgency: Urgency | None = None,
        category: str | None = None,
        source: str | None = None,
        topic: str | None = None,
        client_id: UUID | None = None,
        since: str | None = None,
    ) -> Coverage:
        """Says how many clients do not know yet; what was cancelled is not counted."""
        return self._ask(
            Coverage,
            "GET",
            "/v1/notices/coverage",
            query={
                "state": state,
                "urgency": urgency,
                "category": category,
                "source": source,
                "topic": topic,
                "client_id": client_id,
                "since": since,
            },
        )

    def get_notice(self, id: UUID) -> NoticeDetail:
        """Returns one notice with its messages and every step of its proof."""
        return self._ask(NoticeDetail, "GET", f"/v1/notices/{segment(id)}")

    def cancel_notice(self, id: UUID, body: Why200) -> Notice:
        """Stops a notice for a reason; queued messages and open tasks end with it."""
        return self._ask(Notice, "POST", f"/v1/notices/{segment(id)}/cancel", body=body)

    def export_proof(self, id: UUID) -> ProofFile:
        """Returns the signed proof of a critical notice; `zhida proof verify` checks it."""
        return self._ask(ProofFile, "GET", f"/v1/notices/{segment(id)}/proof.json")

    def print_proof(self, id: UUID) -> bytes:
        """Returns the signed proof of a critical notice as pages."""
        return self._fetch("GET", f"/v1/notices/{segment(id)}/proof.pdf")

    def get_proof_key(self) -> ProofKey:
        """Returns the public key that proofs are checked with."""
        return self._ask(ProofKey, "GET", "/v1/proof-key")

    def list_urgencies(self) -> UrgencyList:
        """Returns the policy of each urgency, the most urgent first."""
        return self._ask(UrgencyList, "GET", "/v1/urgency")

    def get_urgency(self, urgency: Urgency) -> UrgencyPolicy:
        """Returns one policy and its earlier versions."""
        return self._ask(UrgencyPolicy, "GET", f"/v1/urgency/{segment(urgency)}")

    def change_urgency(self, urgency: Urgency, body: UrgencyChange) -> UrgencyPolicy:
        """Keeps a new version of a policy, made from the version that was seen.

        For these roles alone: supervisor, admin.
        """
        return self._ask(UrgencyPolicy, "PUT", f"/v1/urgency/{segment(urgency)}", body=body)

    def read_timeline(
        self,
        id: UUID,
        *,
        limit: int | None = None,
        before: str | None = None,
        kinds: str | None = None,
    ) -> Timeline:
        """Returns a page of all that happened with a client, newest first.

        Messages and tickets are those that the caller may see; texts are masked. `next` is the
        `before` of the page after this one, null at the end.
        """
        return self._ask(
            Timeline,
            "GET",
            f"/v1/desk/clients/{segment(id)}/timeline",
            query={"limit": limit, "before": before, "kinds": kinds},
        )

    def read_insight(self, id: UUID) -> Insight:
        """Returns a client's figures, tiers with reasons, tags, consents and preferences."""
        return self._ask(Insight, "GET", f"/v1/desk/clients/{segment(id)}/insight")

    def state_preferences(self, id: UUID, body: Wishes) -> Ok:
        """Keeps which channels a client wants for a kind of message; -1 is “not there”.

        It takes the place of all said before; with no weights it is withdrawn.
        """
        return self._ask(Ok, "POST", f"/v1/desk/clients/{segment(id)}/preferences", body=body)

    def record_consent(self, id: UUID, body: ConsentDraft) -> ConsentWords:
        """Keeps a yes or no that the client told staff, and returns what counts now.

        The word is on the audit log in the name of who is signed in. A no stops at once what may be
        stopped; a yes to `marketing` makes campaigns possible. A word that was said before a newer
        one is kept, and changes nothing.
        """
        return self._ask(
            ConsentWords, "POST", f"/v1/desk/clients/{segment(id)}/consents", body=body
        )

    def read_tier_rules(self) -> TierRules:
        """Returns the rules of tiers that hold, their version, and those that were shipped.

        For these roles alone: marketing, supervisor, admin.
        """
        return self._ask(TierRules, "GET", "/v1/tiers/rules")

    def change_tier_rules(self, body: ChangeTierRulesBody) -> TierRules:
        """Keeps a new version of the rules; tiers follow at the next computation.

        For these roles alone: marketing, supervisor, admin.
        """
        return self._ask(TierRules, "PUT", "/v1/tiers/rules", body=body)

    def read_tier_version(self, version: int) -> TierRules:
        """Returns the rules as one version had them.

        For these roles alone: marketing, supervisor, admin.
        """
        return self._ask(TierRules, "GET", f"/v1/tiers/rules/{segment(version)}")

    def list_tier_runs(self) -> TierRuns:
        """Returns the newest computations of tiers, how far they are and what came of them.

        For these roles alone: marketing, supervisor, admin.
        """
        return self._ask(TierRuns, "GET", "/v1/tiers/runs")

    def compute_tiers(self) -> Ok:
        """Begins to compute everybody's tiers.

        For these roles alone: marketing, supervisor, admin.
        """
        return self._ask(Ok, "POST", "/v1/tiers/runs")

    def list_contents(self, *, state: str | None = None, key: str | None = None) -> ContentList:
        """Lists versions of a state or a key, or the newest of each key.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(ContentList, "GET", "/v1/contents", query={"state": state, "key": key})

    def create_content(self, body: ContentDraft) -> Created:
        """Writes the next version of a content, as a draft.

        For these roles alone: marketing, admin.
        """
        return self._ask(Created, "POST", "/v1/contents", body=body)

    def list_content_fields(self) -> ContentFields:
        """Lists the fields, categories, channels and languages of contents.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(ContentFields, "GET", "/v1/contents/fields")

    def preview_content(self, body: PreviewAsk) -> Preview:
        """Shows what words become on a channel, with parts, cost and missing fields.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(Preview, "POST", "/v1/contents/preview", body=body)

    def get_content(self, id: UUID) -> ContentDetail:
        """Returns one version with its words, and all versions of its key.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(ContentDetail, "GET", f"/v1/contents/{segment(id)}")

    def change_content(self, id: UUID, body: ContentDraft) -> Ok:
        """Replaces one's own draft.

        For these roles alone: marketing, admin.
        """
        return self._ask(Ok, "PUT", f"/v1/contents/{segment(id)}", body=body)

    def submit_content(self, id: UUID) -> Ok:
        """Hands a draft in for approval.

        For these roles alone: marketing, admin.
        """
        return self._ask(Ok, "POST", f"/v1/contents/{segment(id)}/submit")

    def approve_content(self, id: UUID) -> Ok:
        """Approves somebody else's content.

        For these roles alone: approver, admin.
        """
        return self._ask(Ok, "POST", f"/v1/contents/{segment(id)}/approve")

    def retire_content(self, id: UUID) -> Ok:
        """Takes a content out of use.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(Ok, "POST", f"/v1/contents/{segment(id)}/retire")

    def send_content_back(self, id: UUID, body: Note) -> Ok:
        """Makes a content in review a draft again.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(Ok, "POST", f"/v1/contents/{segment(id)}/send-back", body=body)

    def copy_content(self, id: UUID) -> Created:
        """Writes the next version, as a draft that says the same.

        For these roles alone: marketing, admin.
        """
        return self._ask(Created, "POST", f"/v1/contents/{segment(id)}/copy")

    def list_audiences(self) -> AudienceList:
        """Lists the named audiences.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(AudienceList, "GET", "/v1/audiences")

    def create_audience(self, body: AudienceDraft) -> Created:
        """Keeps an audience under a name.

        For these roles alone: marketing, admin.
        """
        return self._ask(Created, "POST", "/v1/audiences", body=body)

    def describe_audience(self) -> AudienceLanguage:
        """Describes the language in which audiences are said.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(AudienceLanguage, "GET", "/v1/audiences/language")

    def count_audience(self, body: AudienceAsk) -> AudienceCount:
        """Counts an expression, says it in a sentence and shows twenty of its clients, masked.

        Answers too_heavy (422) when it takes too long to count.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(AudienceCount, "POST", "/v1/audiences/count", body=body)

    def get_audience(self, id: UUID) -> AudienceInFull:
        """Returns a named audience with what it said before, and who wrote that.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(AudienceInFull, "GET", f"/v1/audiences/{segment(id)}")

    def change_audience(self, id: UUID, body: AudienceDraft) -> Ok:
        """Replaces a named audience; campaigns keep what they were reviewed with.

        For these roles alone: marketing, admin.
        """
        return self._ask(Ok, "PUT", f"/v1/audiences/{segment(id)}", body=body)

    def forget_audience(self, id: UUID) -> Ok:
        """Takes an audience out of the list.

        For these roles alone: marketing, admin.
        """
        return self._ask(Ok, "DELETE", f"/v1/audiences/{segment(id)}")

    def list_campaigns(self, *, state: str | None = None) -> CampaignList:
        """Lists campaigns, the newest first.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(CampaignList, "GET", "/v1/campaigns", query={"state": state})

    def create_campaign(self, body: CampaignDraft) -> Created:
        """Writes a campaign as a draft.

        For these roles alone: marketing, admin.
        """
        return self._ask(Created, "POST", "/v1/campaigns", body=body)

    def check_campaign(self, body: CampaignPart) -> CampaignCheck:
        """Says what is wrong with a campaign on the way, what it lacks, and which fields it fills.

        For these roles alone: marketing, admin.
        """
        return self._ask(CampaignCheck, "POST", "/v1/campaigns/check", body=body)

    def list_test_clients(self) -> TestClients:
        """Lists the clients who carry the tag `test`.

        For these roles alone: marketing, admin.
        """
        return self._ask(TestClients, "GET", "/v1/campaigns/test-clients")

    def get_campaign(self, id: UUID) -> CampaignDetail:
        """Returns one campaign.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(CampaignDetail, "GET", f"/v1/campaigns/{segment(id)}")

    def change_campaign(self, id: UUID, body: CampaignDraft) -> Ok:
        """Replaces one's own draft.

        For these roles alone: marketing, admin.
        """
        return self._ask(Ok, "PUT", f"/v1/campaigns/{segment(id)}", body=body)

    def submit_campaign(self, id: UUID) -> Submitted:
        """Checks a draft as a whole and hands it in for approval.

        For these roles alone: marketing, admin.
        """
        return self._ask(Submitted, "POST", f"/v1/campaigns/{segment(id)}/submit")

    def approve_campaign(self, id: UUID) -> Ok:
        """Approves somebody else's campaign.

        For these roles alone: approver, admin.
        """
        return self._ask(Ok, "POST", f"/v1/campaigns/{segment(id)}/approve")

    def launch_campaign(self, id: UUID) -> Ok:
        """Lets an approved campaign start at its time.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(Ok, "POST", f"/v1/campaigns/{segment(id)}/launch")

    def pause_campaign(self, id: UUID) -> Ok:
        """Stops sending.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(Ok, "POST", f"/v1/campaigns/{segment(id)}/pause")

    def resume_campaign(self, id: UUID) -> Ok:
        """Goes on from where it was paused.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(Ok, "POST", f"/v1/campaigns/{segment(id)}/resume")

    def cancel_campaign(self, id: UUID) -> Ok:
        """Ends a campaign and takes back what is queued.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(Ok, "POST", f"/v1/campaigns/{segment(id)}/cancel")

    def send_campaign_back(self, id: UUID, body: Note) -> Ok:
        """Makes a campaign a draft again.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(Ok, "POST", f"/v1/campaigns/{segment(id)}/send-back", body=body)

    def copy_campaign(self, id: UUID) -> Created:
        """Writes a draft that says the same.

        For these roles alone: marketing, admin.
        """
        return self._ask(Created, "POST", f"/v1/campaigns/{segment(id)}/copy")

    def test_campaign(self, id: UUID, body: TestAsk) -> TestSends:
        """Sends the content to test clients, marked as a test.

        For these roles alone: marketing, admin.
        """
        return self._ask(TestSends, "POST", f"/v1/campaigns/{segment(id)}/test", body=body)

    def get_campaign_results(self, id: UUID) -> CampaignResults:
        """Returns what came of a campaign, live, and its test honestly judged.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(CampaignResults, "GET", f"/v1/campaigns/{segment(id)}/results")

    def get_campaign_breakdown(self, id: UUID) -> CampaignBreakdown:
        """Returns what came of each arm of a campaign on each channel, in clients.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(CampaignBreakdown, "GET", f"/v1/campaigns/{segment(id)}/breakdown")

    def list_recipients(
        self,
        id: UUID,
        *,
        state: str | None = None,
        reason: str | None = None,
        after: str | None = None,
    ) -> Recipients:
        """Lists fifty recipients, each with what became of them and why.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(
            Recipients,
            "GET",
            f"/v1/campaigns/{segment(id)}/recipients",
            query={"state": state, "reason": reason, "after": after},
        )

    def list_failures(
        self, id: UUID, *, kind: str | None = None, after: str | None = None
    ) -> Failures:
        """Lists a hundred messages that were rejected or failed, each with its reason.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(
            Failures,
            "GET",
            f"/v1/campaigns/{segment(id)}/failures",
            query={"kind": kind, "after": after},
        )

    def group_failures(self, id: UUID) -> FailureGroups:
        """Counts the messages that were rejected or failed by kind of reason and channel.

        For these roles alone: marketing, approver, admin.
        """
        return self._ask(FailureGroups, "GET", f"/v1/campaigns/{segment(id)}/failure-groups")

    def replay_failures(self, id: UUID, body: Replay) -> Replayed:
        """Sends chosen messages again, to the address that each client has now.

        For these roles alone: marketing, admin.
        """
        return self._ask(Replayed, "POST", f"/v1/campaigns/{segment(id)}/replay", body=body)

    def replay_failures_of_kind(self, id: UUID, body: ReplayAll) -> Replayed:
        """Sends messages of a kind again, five thousand at once; call it until `next` is null.

        For these roles alone: marketing, admin.
        """
        return self._ask(Replayed, "POST", f"/v1/campaigns/{segment(id)}/replay-all", body=body)

    def list_doubles(self) -> ListDoublesAnswer:
        """Returns groups of clients who share a phone, at most 100.

        For these roles alone: supervisor, admin.
        """
        return self._ask(ListDoublesAnswer, "GET", "/v1/clients/doubles")

    def look_up_clients(self, body: LookUpClientsBody) -> LookUpClientsAnswer:
        """Returns the clients of a complete client number or phone, masked, at most 20.

        That they were seen is on the record.

        For these roles alone: supervisor, admin.
        """
        return self._ask(LookUpClientsAnswer, "POST", "/v1/clients/lookup", body=body)

    def list_all_merges(self) -> AllMerges:
        """Returns the newest hundred merges of all clients, newest first.

        For these roles alone: supervisor, admin.
        """
        return self._ask(AllMerges, "GET", "/v1/clients/merges")

    def compare_clients(self, id: UUID, other: UUID) -> Comparison:
        """Returns two records side by side, and what merging the other into this one would do.

        That both were seen is on the record; nothing is written otherwise.

        For these roles alone: supervisor, admin.
        """
        return self._ask(
            Comparison, "GET", f"/v1/desk/clients/{segment(id)}/merges/{segment(other)}"
        )

    def list_merges(self, id: UUID) -> Merges:
        """Returns the merges that a client took part in, newest first.

        For these roles alone: supervisor, admin.
        """
        return self._ask(Merges, "GET", f"/v1/desk/clients/{segment(id)}/merges")

    def merge_clients(self, id: UUID, body: MergeClientsBody) -> MergeClientsAnswer:
        """Merges another record into this one; its number is this client's from now on.

        Where both phones are known and differ, `is_sure` must be true.

        For these roles alone: supervisor, admin.
        """
        return self._ask(
            MergeClientsAnswer, "POST", f"/v1/desk/clients/{segment(id)}/merges", body=body
        )

    def split_clients(self, id: UUID, body: SplitClientsBody) -> SplitClientsAnswer:
        """Undoes a merge; what moved and is still there goes back.

        For these roles alone: supervisor, admin.
        """
        return self._ask(
            SplitClientsAnswer, "POST", f"/v1/clients/merges/{segment(id)}/undo", body=body
        )

    def list_imports(self) -> Imports:
        """Returns the newest imports, and the columns that an import knows.

        For these roles alone: supervisor, admin.
        """
        return self._ask(Imports, "GET", "/v1/clients/imports")

    def open_import(self, body: bytes, *, file_name: str | None = None) -> ImportLook:
        """Takes a file of clients and guesses its columns; nothing is written.

        .xlsx, or CSV in UTF-8 or GB 18030; at most 20 MB and 200,000 rows. The first row holds the
        names of the columns. The sample is masked.

        For these roles alone: supervisor, admin.
        """
        return self._ask(
            ImportLook, "POST", "/v1/clients/imports", query={"file_name": file_name}, body=body
        )

    def read_import(self, id: UUID) -> OneImport:
        """Returns one import, and what is in its file as long as it has not ended.

        For these roles alone: supervisor, admin.
        """
        return self._ask(OneImport, "GET", f"/v1/clients/imports/{segment(id)}")

    def check_import(self, id: UUID, body: CheckImportBody) -> ImportCheck:
        """Tries a mapping out on every row; nothing is written.

        For these roles alone: supervisor, admin.
        """
        return self._ask(ImportCheck, "POST", f"/v1/clients/imports/{segment(id)}/check", body=body)

    def run_import(self, id: UUID) -> ImportDone:
        """Writes what the last check found good, all or nothing.

        For these roles alone: supervisor, admin.
        """
        return self._ask(ImportDone, "POST", f"/v1/clients/imports/{segment(id)}/run")

    def cancel_import(self, id: UUID) -> Ok:
        """Throws a file away.

        For these roles alone: supervisor, admin.
        """
        return self._ask(Ok, "POST", f"/v1/clients/imports/{segment(id)}/cancel")

    def read_import_errors(self, id: UUID) -> bytes:
        """Returns the rows that cannot be taken, and why, as CSV for Excel.

        For these roles alone: supervisor, admin.
        """
        return self._fetch("GET", f"/v1/clients/imports/{segment(id)}/errors")
