-- Who works on a finding. Version counts what happens to it: who changes it advances it first, which holds the row to the commit, and whoever read an older number is refused.
ALTER TABLE Findings ADD Assignee nvarchar(320) ${ordinal} NULL;
ALTER TABLE Findings ADD Version bigint NOT NULL CONSTRAINT DF_Findings_Version DEFAULT 1;
CREATE INDEX IX_Findings_Assignee ON Findings (State, Assignee, Priority, FirstSeenAt, Id);

-- An assignment and a comment leave the state as it is. Assignee: who has it from then on; NULL for nobody, and for every other event.
ALTER TABLE FindingEvents DROP CONSTRAINT CK_FindingEvents_Kind;
ALTER TABLE FindingEvents ADD Assignee nvarchar(320) ${ordinal} NULL;
ALTER TABLE FindingEvents ADD CONSTRAINT CK_FindingEvents_Kind CHECK (Kind IN ('opened', 'reopened', 'cleared', 'resolved', 'accepted', 'assigned', 'commented'));

-- What one person asked for and another one decides. Subject names what it is about, within its kind; one request of a kind waits for a subject at a time.
CREATE TABLE Approvals (
    Id binary(16) NOT NULL CONSTRAINT PK_Approvals PRIMARY KEY,
    Number bigint NOT NULL CONSTRAINT UX_Approvals_Number UNIQUE,
    Kind nvarchar(30) ${ordinal} NOT NULL,
    SubjectId nvarchar(80) ${ordinal} NOT NULL,
    Payload nvarchar(4000) NOT NULL,
    Reason nvarchar(1000) NOT NULL,
    RequestedBy nvarchar(320) ${ordinal} NOT NULL,
    RequestedAt datetime2(3) NOT NULL,
    Status nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_Approvals_Status CHECK (Status IN ('pending', 'approved', 'refused', 'withdrawn')),
    DecidedBy nvarchar(320) ${ordinal} NULL,
    DecidedAt datetime2(3) NULL,
    DecisionReason nvarchar(1000) NULL,
    CONSTRAINT CK_Approvals_Decided CHECK ((Status = 'pending' AND DecidedBy IS NULL AND DecidedAt IS NULL) OR (Status <> 'pending' AND DecidedBy IS NOT NULL AND DecidedAt IS NOT NULL)),
    CONSTRAINT CK_Approvals_SecondPerson CHECK (Status NOT IN ('approved', 'refused') OR DecidedBy <> RequestedBy)
);
CREATE UNIQUE INDEX UX_Approvals_Pending ON Approvals (Kind, SubjectId) WHERE Status = 'pending';
CREATE INDEX IX_Approvals_SubjectId ON Approvals (Kind, SubjectId, Number);
CREATE INDEX IX_Approvals_Status ON Approvals (Status, Number);
