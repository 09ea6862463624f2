-- What a person outside is told, one row a channel. The cause is unique: nothing is told twice, however often it is noticed.
CREATE TABLE OutboxMessages (
    Id binary(16) NOT NULL CONSTRAINT PK_OutboxMessages PRIMARY KEY,
    Cause nvarchar(120) ${ordinal} NOT NULL,
    Channel nvarchar(8) ${ordinal} NOT NULL CONSTRAINT CK_OutboxMessages_Channel CHECK (Channel IN ('mail', 'webhook')),
    Subject nvarchar(200) NOT NULL,
    Body nvarchar(4000) NOT NULL,
    Status nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_OutboxMessages_Status CHECK (Status IN ('pending', 'running', 'done', 'failed')),
    RecordedAt datetime2(3) NOT NULL,
    StartedAt datetime2(3) NULL,
    EndedAt datetime2(3) NULL,
    Failure nvarchar(1000) NULL,
    FailureJson nvarchar(4000) NULL,
    Attempts int NOT NULL,
    LeaseOwner nvarchar(100) NULL,
    LeaseUntil datetime2(3) NULL,
    EnqueuedAt datetime2(3) NULL,
    CONSTRAINT UX_OutboxMessages_Cause UNIQUE (Cause, Channel)
);
CREATE INDEX IX_OutboxMessages_Status ON OutboxMessages (Status, RecordedAt, Id);

CREATE UNIQUE INDEX UX_JobRuns_Argument ON JobRuns (Argument, Job);
CREATE INDEX IX_JobRuns_Status ON JobRuns (Status, Argument, Job);
