-- The row is the queue: what is pending, or running under a lease that ran out, is taken up by whoever comes first.
CREATE TABLE Imports (
    Id binary(16) NOT NULL CONSTRAINT PK_Imports PRIMARY KEY,
    Number bigint NOT NULL CONSTRAINT UX_Imports_Number UNIQUE,
    Kind nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_Imports_Kind CHECK (Kind IN ('orders', 'deliveries', 'creem')),
    FileName nvarchar(260) NOT NULL,
    FilePath nvarchar(1000) NOT NULL,
    Size bigint NOT NULL,
    Sha256 binary(32) NOT NULL,
    Stage nvarchar(5) ${ordinal} NOT NULL CONSTRAINT CK_Imports_Stage CHECK (Stage IN ('check', 'take')),
    Status nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_Imports_Status CHECK (Status IN ('pending', 'running', 'checked', 'done', 'failed', 'cancelled')),
    RecordsRead bigint NOT NULL,
    RecordsNew bigint NOT NULL,
    RecordsRepeated bigint NOT NULL,
    RecordsPutAside bigint NOT NULL,
    BytesRead bigint NOT NULL,
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
CREATE INDEX IX_Imports_Status ON Imports (Status, Number);
CREATE INDEX IX_Imports_Sha256 ON Imports (Sha256, Kind);

-- Ordinal is the record's place in the file: a whole JSON file can be one line.
CREATE TABLE ImportPutAsides (
    ImportId binary(16) NOT NULL CONSTRAINT FK_ImportPutAsides_Imports REFERENCES Imports (Id),
    Ordinal bigint NOT NULL,
    Line bigint NOT NULL,
    Code nvarchar(60) ${ordinal} NOT NULL,
    Field nvarchar(40) ${ordinal} NOT NULL,
    Args nvarchar(1000) NOT NULL,
    CONSTRAINT PK_ImportPutAsides PRIMARY KEY (ImportId, Ordinal)
) ${mass};

CREATE TABLE JobRuns (
    Id binary(16) NOT NULL CONSTRAINT PK_JobRuns PRIMARY KEY,
    Job nvarchar(40) ${ordinal} NOT NULL,
    Argument nvarchar(100) ${ordinal} NOT NULL,
    Status nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_JobRuns_Status CHECK (Status IN ('pending', 'running', 'done', 'failed')),
    RowsDone bigint NOT NULL,
    StartedAt datetime2(3) NULL,
    EndedAt datetime2(3) NULL,
    Failure nvarchar(1000) NULL,
    FailureJson nvarchar(4000) NULL,
    Attempts int NOT NULL,
    LeaseOwner nvarchar(100) NULL,
    LeaseUntil datetime2(3) NULL,
    EnqueuedAt datetime2(3) NULL,
    CONSTRAINT UX_JobRuns_Job UNIQUE (Job, Argument)
);

CREATE TABLE ReportRuns (
    Id binary(16) NOT NULL CONSTRAINT PK_ReportRuns PRIMARY KEY,
    Number bigint NOT NULL CONSTRAINT UX_ReportRuns_Number UNIQUE,
    Kind nvarchar(20) ${ordinal} NOT NULL CONSTRAINT CK_ReportRuns_Kind CHECK (Kind IN ('reconciliation')),
    SubjectId binary(16) NOT NULL,
    Format nvarchar(5) ${ordinal} NOT NULL CONSTRAINT CK_ReportRuns_Format CHECK (Format IN ('xlsx', 'csv', 'json')),
    Language nvarchar(8) ${ordinal} NOT NULL CONSTRAINT CK_ReportRuns_Language CHECK (Language IN ('en', 'zh-Hans')),
    Status nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_ReportRuns_Status CHECK (Status IN ('pending', 'running', 'done', 'failed')),
    RowsDone bigint NOT NULL,
    RowsTotal bigint NOT NULL,
    FileName nvarchar(260) NOT NULL,
    Size bigint NULL,
    Sha256 binary(32) NULL,
    RequestedBy nvarchar(320) NOT NULL,
    RequestedAt datetime2(3) NOT NULL,
    StartedAt datetime2(3) NULL,
    EndedAt datetime2(3) NULL,
    Failure nvarchar(1000) NULL,
    FailureJson nvarchar(4000) NULL,
    Attempts int NOT NULL,
    LeaseOwner nvarchar(100) NULL,
    LeaseUntil datetime2(3) NULL,
    EnqueuedAt datetime2(3) NULL,
    CONSTRAINT UX_ReportRuns_Subject UNIQUE (SubjectId, Format, Language)
);
CREATE INDEX IX_ReportRuns_Status ON ReportRuns (Status, Number);
