-- Codes made together: the row is the queue, the counters are kept in the transactions that change the codes.
-- Void is the batch's own word: from then on its available and allocated codes are void for whoever asks (the delivered too when VoidDelivered says so), and SettledTo tells how far
-- the rows have followed. WrappedKey seals the codes; without the key ring they cannot be read.
CREATE TABLE CodeBatches (
    Id binary(16) NOT NULL CONSTRAINT PK_CodeBatches PRIMARY KEY,
    Number bigint NOT NULL CONSTRAINT UX_CodeBatches_Number UNIQUE,
    Package nvarchar(40) ${ordinal} NOT NULL CONSTRAINT FK_CodeBatches_Packages REFERENCES Packages (Slug),
    Units int NOT NULL CONSTRAINT CK_CodeBatches_Units CHECK (Units BETWEEN 1 AND 100000),
    Tokens bigint NOT NULL CONSTRAINT CK_CodeBatches_Tokens CHECK (Tokens BETWEEN 1 AND 9000000000000000),
    Quota bigint NOT NULL CONSTRAINT CK_CodeBatches_Quota CHECK (Quota BETWEEN 1 AND 9000000000000000),
    Wanted int NOT NULL CONSTRAINT CK_CodeBatches_Wanted CHECK (Wanted BETWEEN 1 AND 10000000),
    Format nvarchar(8) ${ordinal} NOT NULL CONSTRAINT CK_CodeBatches_Format CHECK (Format IN ('console', 'friendly')),
    Prefix nvarchar(6) ${ordinal} NOT NULL,
    Note nvarchar(200) NOT NULL,
    ExpiresAt datetime2(3) NULL,
    PublishBy nvarchar(8) ${ordinal} NOT NULL CONSTRAINT CK_CodeBatches_PublishBy CHECK (PublishBy IN ('script', 'database', 'api')),
    ListCurrency nchar(3) ${ordinal} NULL CONSTRAINT CK_CodeBatches_ListCurrency CHECK (ListCurrency LIKE '___'),
    ListMinor bigint NULL CONSTRAINT CK_CodeBatches_ListMinor CHECK (ListMinor BETWEEN 1 AND 999999999999),
    Status nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_CodeBatches_Status CHECK (Status IN ('requested', 'approved', 'generating', 'ready', 'failed', 'void')),
    Made int NOT NULL CONSTRAINT CK_CodeBatches_Made CHECK (Made BETWEEN 0 AND 10000000),
    Available int NOT NULL CONSTRAINT CK_CodeBatches_Available CHECK (Available BETWEEN 0 AND 10000000),
    Allocated int NOT NULL CONSTRAINT CK_CodeBatches_Allocated CHECK (Allocated BETWEEN 0 AND 10000000),
    Delivered int NOT NULL CONSTRAINT CK_CodeBatches_Delivered CHECK (Delivered BETWEEN 0 AND 10000000),
    Redeemed int NOT NULL CONSTRAINT CK_CodeBatches_Redeemed CHECK (Redeemed BETWEEN 0 AND 10000000),
    Voided int NOT NULL CONSTRAINT CK_CodeBatches_Voided CHECK (Voided BETWEEN 0 AND 10000000),
    FirstAvailable int NOT NULL,
    WrappedKey varbinary(2000) NULL,
    PublishedAt datetime2(3) NULL,
    ExportedAt datetime2(3) NULL,
    RequestedBy nvarchar(320) ${ordinal} NOT NULL,
    RequestedAt datetime2(3) NOT NULL,
    RequestedDay date NOT NULL,
    ApprovedBy nvarchar(320) ${ordinal} NULL,
    ApprovedAt datetime2(3) NULL,
    StartedAt datetime2(3) NULL,
    EndedAt datetime2(3) NULL,
    Failure nvarchar(1000) NULL,
    FailureJson nvarchar(4000) NULL,
    Attempts int NOT NULL,
    LeaseOwner nvarchar(100) NULL,
    LeaseUntil datetime2(3) NULL,
    EnqueuedAt datetime2(3) NULL,
    VoidedAt datetime2(3) NULL,
    VoidedBy nvarchar(320) ${ordinal} NULL,
    VoidReason nvarchar(1000) NULL,
    VoidDelivered bit NOT NULL CONSTRAINT CK_CodeBatches_VoidDelivered CHECK (VoidDelivered IN (0, 1)),
    SettledTo int NOT NULL,
    CONSTRAINT CK_CodeBatches_Counters CHECK (Status IN ('requested', 'approved', 'generating', 'failed') OR Available + Allocated + Delivered + Redeemed + Voided = Made),
    CONSTRAINT CK_CodeBatches_Void CHECK ((Status = 'void' AND VoidedAt IS NOT NULL AND VoidedBy IS NOT NULL) OR (Status <> 'void' AND VoidedAt IS NULL AND VoidedBy IS NULL)),
    CONSTRAINT CK_CodeBatches_Ready CHECK (Status <> 'ready' OR Made = Wanted)
);
CREATE INDEX IX_CodeBatches_Status ON CodeBatches (Status, Number);
CREATE INDEX IX_CodeBatches_Package ON CodeBatches (Package, Units, Number);
CREATE INDEX IX_CodeBatches_PackageNumber ON CodeBatches (Package, Number);
CREATE INDEX IX_CodeBatches_RequestedBy ON CodeBatches (RequestedBy, RequestedDay);

-- Sequence counts from 1 without a gap. OrderNo: for whom a code was taken; no order has two that are worth something.
CREATE TABLE Codes (
    BatchNo bigint NOT NULL,
    Sequence int NOT NULL,
    LookupKey binary(16) NOT NULL CONSTRAINT UX_Codes_LookupKey UNIQUE,
    Cipher varbinary(100) NOT NULL,
    LastFour nchar(4) ${ordinal} NOT NULL,
    Status nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_Codes_Status CHECK (Status IN ('available', 'allocated', 'delivered', 'redeemed', 'void')),
    OrderNo nvarchar(64) ${ordinal} NULL,
    CONSTRAINT PK_Codes PRIMARY KEY (BatchNo, Sequence),
    CONSTRAINT FK_Codes_CodeBatches FOREIGN KEY (BatchNo) REFERENCES CodeBatches (Number)
) ${mass};
CREATE UNIQUE INDEX UX_Codes_OrderNo ON Codes (OrderNo) WHERE OrderNo IS NOT NULL AND Status IN ('allocated', 'delivered', 'redeemed');
CREATE INDEX IX_Codes_Status ON Codes (Status, BatchNo, Sequence) WHERE Status <> 'available';
CREATE INDEX IX_Codes_LastFour ON Codes (LastFour, BatchNo, Sequence) WHERE Status <> 'available';

-- What happened to a code, or to a batch as a whole: Sequence 0, with the number of codes it touched.
CREATE TABLE CodeEvents (
    BatchNo bigint NOT NULL,
    Sequence int NOT NULL,
    Id binary(16) NOT NULL,
    Kind nvarchar(20) ${ordinal} NOT NULL,
    Codes int NOT NULL,
    StatusBefore nvarchar(10) ${ordinal} NULL,
    OrderNo nvarchar(64) ${ordinal} NULL,
    ConsoleUser nvarchar(40) NULL,
    Reason nvarchar(1000) NULL,
    HappenedAt datetime2(3) NOT NULL,
    RecordedAt datetime2(3) NOT NULL,
    RecordedBy nvarchar(320) NOT NULL,
    CONSTRAINT PK_CodeEvents PRIMARY KEY (BatchNo, Sequence, Id)
) ${mass};
CREATE INDEX IX_CodeEvents_Kind ON CodeEvents (Kind, HappenedAt, BatchNo, Sequence) WHERE Sequence > 0;

-- Codes that left stock, by the shop's day: what days of stock are worked out from. Redeemed by the day the console names.
CREATE TABLE CodeDays (
    BatchNo bigint NOT NULL,
    ShopDay date NOT NULL,
    Taken int NOT NULL,
    Redeemed int NOT NULL,
    CONSTRAINT PK_CodeDays PRIMARY KEY (BatchNo, ShopDay),
    CONSTRAINT FK_CodeDays_CodeBatches FOREIGN KEY (BatchNo) REFERENCES CodeBatches (Number)
);

-- What is done to codes in slices after it was decided: Position tells how far. Lists of codes stand in CodeTaskRows.
CREATE TABLE CodeTasks (
    Id binary(16) NOT NULL CONSTRAINT PK_CodeTasks PRIMARY KEY,
    Number bigint NOT NULL CONSTRAINT UX_CodeTasks_Number UNIQUE,
    Kind nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_CodeTasks_Kind CHECK (Kind IN ('settle', 'voidlist', 'publish', 'disable')),
    BatchNo bigint NULL CONSTRAINT FK_CodeTasks_CodeBatches REFERENCES CodeBatches (Number),
    Status nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_CodeTasks_Status CHECK (Status IN ('draft', 'pending', 'running', 'done', 'failed', 'cancelled')),
    Position int NOT NULL,
    Total int NOT NULL,
    WithDelivered bit NOT NULL CONSTRAINT CK_CodeTasks_WithDelivered CHECK (WithDelivered IN (0, 1)),
    NotFound int NOT NULL,
    Reason nvarchar(1000) NULL,
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
CREATE INDEX IX_CodeTasks_Status ON CodeTasks (Status, Number);
CREATE INDEX IX_CodeTasks_BatchNo ON CodeTasks (BatchNo, Number);

CREATE TABLE CodeTaskRows (
    TaskId binary(16) NOT NULL CONSTRAINT FK_CodeTaskRows_CodeTasks REFERENCES CodeTasks (Id),
    Ordinal int NOT NULL,
    BatchNo bigint NOT NULL,
    Sequence int NOT NULL,
    CONSTRAINT PK_CodeTaskRows PRIMARY KEY (TaskId, Ordinal)
) ${mass};

-- A call that makes codes at the console: its name is kept before it is made, so that what it made is found whatever becomes of the answer.
CREATE TABLE ConsoleCalls (
    BatchNo bigint NOT NULL CONSTRAINT FK_ConsoleCalls_CodeBatches REFERENCES CodeBatches (Number),
    CallNo int NOT NULL,
    Name nvarchar(20) ${ordinal} NOT NULL CONSTRAINT UX_ConsoleCalls_Name UNIQUE,
    Wanted int NOT NULL CONSTRAINT CK_ConsoleCalls_Wanted CHECK (Wanted BETWEEN 1 AND 100),
    Received int NOT NULL,
    Status nvarchar(8) ${ordinal} NOT NULL CONSTRAINT CK_ConsoleCalls_Status CHECK (Status IN ('intended', 'settled')),
    IntendedAt datetime2(3) NOT NULL,
    SettledAt datetime2(3) NULL,
    CONSTRAINT PK_ConsoleCalls PRIMARY KEY (BatchNo, CallNo)
);

-- Plaintext leaving the building: one file, sealed with a passphrase that is shown once, gone after the first download or a day.
CREATE TABLE CodeExports (
    Id binary(16) NOT NULL CONSTRAINT PK_CodeExports PRIMARY KEY,
    Number bigint NOT NULL CONSTRAINT UX_CodeExports_Number UNIQUE,
    BatchNo bigint NOT NULL CONSTRAINT FK_CodeExports_CodeBatches REFERENCES CodeBatches (Number),
    Format nvarchar(4) ${ordinal} NOT NULL CONSTRAINT CK_CodeExports_Format CHECK (Format IN ('csv', 'xlsx')),
    Status nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_CodeExports_Status CHECK (Status IN ('requested', 'pending', 'running', 'done', 'failed', 'taken', 'expired', 'refused')),
    RowsDone int NOT NULL,
    RowsTotal int NOT NULL,
    SealedPassphrase varbinary(2000) NULL,
    PassphraseShownAt datetime2(3) NULL,
    Size bigint NULL,
    Sha256 binary(32) NULL,
    Reason nvarchar(1000) NOT NULL,
    RequestedBy nvarchar(320) ${ordinal} NOT NULL,
    RequestedAt datetime2(3) NOT NULL,
    ExpiresAt datetime2(3) NULL,
    TakenAt datetime2(3) NULL,
    TakenBy nvarchar(320) NULL,
    StartedAt datetime2(3) NULL,
    EndedAt datetime2(3) NULL,
    Failure nvarchar(1000) NULL,
    FailureJson nvarchar(4000) NULL,
    Attempts int NOT NULL,
    LeaseOwner nvarchar(100) NULL,
    LeaseUntil datetime2(3) NULL,
    EnqueuedAt datetime2(3) NULL
);
CREATE INDEX IX_CodeExports_Status ON CodeExports (Status, Number);
CREATE INDEX IX_CodeExports_BatchNo ON CodeExports (BatchNo, Number);
CREATE UNIQUE INDEX UX_CodeExports_Once ON CodeExports (BatchNo) WHERE Status IN ('requested', 'pending', 'running', 'done', 'taken');
