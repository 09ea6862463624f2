-- How usage is read from a console: one row a console, which is the queue of that work. Number: advanced when it is asked for after it went well, so that one outage is told once. SourceId: whose records they are,
-- once that is known. LastId: the last row of the console's log that was dealt with, where its database is read. The counts are of the present or last time.
CREATE TABLE UsagePulls (
    Id binary(16) NOT NULL CONSTRAINT PK_UsagePulls PRIMARY KEY,
    Number bigint NOT NULL CONSTRAINT UX_UsagePulls_Number UNIQUE,
    Name nvarchar(40) ${ordinal} NOT NULL CONSTRAINT UX_UsagePulls_Name UNIQUE,
    SourceId int NULL CONSTRAINT FK_UsagePulls_UsageSources REFERENCES UsageSources (Id),
    Way nvarchar(10) ${ordinal} NULL CONSTRAINT CK_UsagePulls_Way CHECK (Way IN ('api', 'database')),
    LastId bigint NULL,
    Status nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_UsagePulls_Status CHECK (Status IN ('pending', 'running', 'done', 'failed')),
    RecordsRead bigint NOT NULL,
    RecordsNew bigint NOT NULL,
    RecordsRepeated bigint NOT NULL,
    RecordsPutAside bigint NOT NULL,
    DoneAt datetime2(3) NULL,
    StartedAt datetime2(3) NULL,
    EndedAt datetime2(3) NULL,
    Failure nvarchar(1000) NULL,
    FailureJson nvarchar(4000) NULL,
    Attempts int NOT NULL,
    LeaseOwner nvarchar(100) NULL,
    LeaseUntil datetime2(3) NULL,
    EnqueuedAt datetime2(3) NULL
);

-- From when to when a console's log was read wholly; the end is not included. Stretches that meet are one row: between two rows there is a gap, and it is read.
CREATE TABLE UsageWindows (
    SourceId int NOT NULL CONSTRAINT FK_UsageWindows_UsageSources REFERENCES UsageSources (Id),
    FromAt datetime2(3) NOT NULL,
    UntilAt datetime2(3) NOT NULL,
    CONSTRAINT PK_UsageWindows PRIMARY KEY (SourceId, FromAt),
    CONSTRAINT CK_UsageWindows_Until CHECK (UntilAt > FromAt)
);

-- Business days that have usage: when records of one came in last, to a minute, and when its sums were last proved to equal them.
CREATE TABLE UsageDays (
    Day date NOT NULL CONSTRAINT PK_UsageDays PRIMARY KEY,
    ChangedAt datetime2(3) NOT NULL,
    ProvedAt datetime2(3) NULL
);
INSERT INTO UsageDays (Day, ChangedAt) SELECT DISTINCT Day, '2026-01-01 00:00:00.000' FROM KeyRollups;

-- Proofs that sums equal records, asked for by people. Month: the shop's, NULL for all there is. Lines: the first differences, as JSON.
CREATE TABLE UsageProofs (
    Id binary(16) NOT NULL CONSTRAINT PK_UsageProofs PRIMARY KEY,
    Number bigint NOT NULL CONSTRAINT UX_UsageProofs_Number UNIQUE,
    Month nchar(7) ${ordinal} NULL,
    Status nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_UsageProofs_Status CHECK (Status IN ('pending', 'running', 'done', 'failed')),
    DaysDone int NOT NULL,
    DaysTotal int NOT NULL,
    Records bigint NOT NULL,
    Differences bigint NOT NULL,
    Lines ${text} NULL,
    RequestedBy nvarchar(320) ${ordinal} NOT NULL,
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
CREATE INDEX IX_UsageProofs_Status ON UsageProofs (Status, Number);
