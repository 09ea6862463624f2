CREATE TABLE FeeRules (
    Currency nchar(3) ${ordinal} NOT NULL CONSTRAINT CK_FeeRules_Currency CHECK (Currency LIKE '___'),
    PartsPerMillion bigint NOT NULL CONSTRAINT CK_FeeRules_PartsPerMillion CHECK (PartsPerMillion BETWEEN 0 AND 1000000),
    FixedMinor bigint NOT NULL CONSTRAINT CK_FeeRules_FixedMinor CHECK (FixedMinor BETWEEN 0 AND 999999999999),
    ValidFrom datetime2(3) NOT NULL,
    ValidUntil datetime2(3) NULL,
    RecordedAt datetime2(3) NOT NULL,
    CONSTRAINT PK_FeeRules PRIMARY KEY (Currency, ValidFrom)
);

CREATE TABLE ReconciliationRuns (
    Id binary(16) NOT NULL CONSTRAINT PK_ReconciliationRuns PRIMARY KEY,
    Number bigint NOT NULL CONSTRAINT UX_ReconciliationRuns_Number UNIQUE,
    Origin nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_ReconciliationRuns_Origin CHECK (Origin IN ('nightly', 'request')),
    Status nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_ReconciliationRuns_Status CHECK (Status IN ('pending', 'running', 'balanced', 'broken', 'failed')),
    FromDay date NOT NULL,
    UntilDay date NOT NULL,
    WindowFrom datetime2(3) NOT NULL,
    WindowUntil datetime2(3) NOT NULL,
    AsOf datetime2(3) NULL,
    AsOfGiven bit NOT NULL CONSTRAINT CK_ReconciliationRuns_AsOfGiven CHECK (AsOfGiven IN (0, 1)),
    KnownAsOf datetime2(3) NULL,
    KnownAsOfGiven bit NOT NULL CONSTRAINT CK_ReconciliationRuns_KnownAsOfGiven CHECK (KnownAsOfGiven IN (0, 1)),
    RecordedSince datetime2(3) NULL,
    TimeZone nvarchar(60) ${ordinal} NOT NULL,
    GraceMinutes int NOT NULL CONSTRAINT CK_ReconciliationRuns_Grace CHECK (GraceMinutes BETWEEN 0 AND 100000),
    ToleranceMinor bigint NOT NULL CONSTRAINT CK_ReconciliationRuns_Tolerance CHECK (ToleranceMinor BETWEEN 0 AND 999999999999),
    Mode nvarchar(20) ${ordinal} NOT NULL,
    LooksBack bit NULL CONSTRAINT CK_ReconciliationRuns_LooksBack CHECK (LooksBack IN (0, 1)),
    ChangedFindings bit NOT NULL CONSTRAINT CK_ReconciliationRuns_Changed CHECK (ChangedFindings IN (0, 1)),
    CasesJudged bigint NOT NULL,
    CasesTotal bigint NOT NULL,
    FindingsSeen bigint NOT NULL,
    NightId binary(16) NULL,
    RequestedBy nvarchar(320) NOT NULL,
    RequestedAt datetime2(3) NOT NULL,
    StartedAt datetime2(3) NULL,
    EndedAt datetime2(3) NULL,
    Failure nvarchar(1000) NULL,
    FailureJson nvarchar(4000) NULL,
    Attempts int NOT NULL,
    LeaseOwner nvarchar(100) NULL,
    LeaseUntil datetime2(3) NULL,
    EnqueuedAt datetime2(3) NULL
);
CREATE UNIQUE INDEX UX_ReconciliationRuns_NightId ON ReconciliationRuns (NightId) WHERE NightId IS NOT NULL;
CREATE INDEX IX_ReconciliationRuns_Status ON ReconciliationRuns (Status, Number);

-- What a run saw: its own rows, never changed by a later one.
CREATE TABLE RunFindings (
    RunId binary(16) NOT NULL CONSTRAINT FK_RunFindings_Runs REFERENCES ReconciliationRuns (Id),
    Kind nvarchar(30) ${ordinal} NOT NULL,
    Subject nvarchar(80) ${ordinal} NOT NULL,
    OrderNo nvarchar(64) ${ordinal} NULL,
    TransactionId nvarchar(80) ${ordinal} NULL,
    Currency nchar(3) ${ordinal} NULL,
    ExpectedMinor bigint NULL,
    ActualMinor bigint NULL,
    FactsHash binary(16) NOT NULL,
    CONSTRAINT PK_RunFindings PRIMARY KEY (RunId, Kind, Subject)
) ${mass};

CREATE TABLE RunStatementLines (
    RunId binary(16) NOT NULL CONSTRAINT FK_RunStatementLines_Runs REFERENCES ReconciliationRuns (Id),
    Currency nchar(3) ${ordinal} NOT NULL,
    Transactions bigint NOT NULL,
    GrossPaidMinor bigint NOT NULL,
    TaxMinor bigint NOT NULL,
    RefundedMinor bigint NOT NULL,
    ChargedBackMinor bigint NOT NULL,
    TaxReturnedMinor bigint NOT NULL,
    FeesMinor bigint NULL,
    NetMinor bigint NULL,
    CONSTRAINT PK_RunStatementLines PRIMARY KEY (RunId, Currency)
);

CREATE TABLE RunBridgeLines (
    RunId binary(16) NOT NULL CONSTRAINT FK_RunBridgeLines_Runs REFERENCES ReconciliationRuns (Id),
    Currency nchar(3) ${ordinal} NOT NULL,
    Bucket nvarchar(30) ${ordinal} NOT NULL,
    Transactions bigint NOT NULL,
    AmountMinor bigint NOT NULL,
    CONSTRAINT PK_RunBridgeLines PRIMARY KEY (RunId, Currency, Bucket)
);

CREATE TABLE RunPackageLines (
    RunId binary(16) NOT NULL CONSTRAINT FK_RunPackageLines_Runs REFERENCES ReconciliationRuns (Id),
    Package nvarchar(40) ${ordinal} NOT NULL,
    SoldOrders bigint NOT NULL,
    SoldTokens bigint NOT NULL,
    PaidOrders bigint NOT NULL,
    PaidTokens bigint NOT NULL,
    KeysDelivered bigint NOT NULL,
    KeyTokens bigint NOT NULL,
    CodesDelivered bigint NOT NULL,
    CodeTokens bigint NOT NULL,
    CONSTRAINT PK_RunPackageLines PRIMARY KEY (RunId, Package)
);

-- A finding is identified by (kind, subject), for ever. State and facts are the current ones; the events tell how they came to be.
CREATE TABLE Findings (
    Id binary(16) NOT NULL CONSTRAINT PK_Findings PRIMARY KEY,
    Kind nvarchar(30) ${ordinal} NOT NULL,
    Subject nvarchar(80) ${ordinal} NOT NULL,
    Priority nchar(2) ${ordinal} NOT NULL CONSTRAINT CK_Findings_Priority CHECK (Priority IN ('P1', 'P2', 'P3')),
    State nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_Findings_State CHECK (State IN ('open', 'cleared', 'resolved', 'accepted')),
    OrderNo nvarchar(64) ${ordinal} NULL,
    TransactionId nvarchar(80) ${ordinal} NULL,
    Currency nchar(3) ${ordinal} NULL,
    ExpectedMinor bigint NULL,
    ActualMinor bigint NULL,
    FirstSeenAt datetime2(3) NOT NULL,
    ChangedAt datetime2(3) NOT NULL,
    CONSTRAINT UX_Findings_Kind UNIQUE (Kind, Subject)
);
CREATE INDEX IX_Findings_State ON Findings (State, Priority, FirstSeenAt, Id);
CREATE INDEX IX_Findings_Id ON Findings (State, Id);
CREATE INDEX IX_Findings_Kind ON Findings (State, Kind, Priority, FirstSeenAt, Id);
CREATE INDEX IX_Findings_ChangedAt ON Findings (ChangedAt, Id);
CREATE INDEX IX_Findings_OrderNo ON Findings (OrderNo, Kind);
CREATE INDEX IX_Findings_TransactionId ON Findings (TransactionId, Kind) WHERE TransactionId IS NOT NULL;

CREATE TABLE FindingEvents (
    Id binary(16) NOT NULL CONSTRAINT PK_FindingEvents PRIMARY KEY,
    FindingId binary(16) NOT NULL CONSTRAINT FK_FindingEvents_Findings REFERENCES Findings (Id),
    Kind nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_FindingEvents_Kind CHECK (Kind IN ('opened', 'reopened', 'cleared', 'resolved', 'accepted')),
    RunId binary(16) NULL CONSTRAINT FK_FindingEvents_Runs REFERENCES ReconciliationRuns (Id),
    FactsHash binary(16) NOT NULL,
    RecordedAt datetime2(3) NOT NULL,
    RecordedBy nvarchar(320) NOT NULL,
    Reason nvarchar(1000) NULL
);
CREATE UNIQUE INDEX UX_FindingEvents_Run ON FindingEvents (FindingId, RunId) WHERE RunId IS NOT NULL;
CREATE INDEX IX_FindingEvents_FindingId ON FindingEvents (FindingId, RecordedAt, Id);
