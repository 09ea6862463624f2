-- The end of the chain, one row. Whoever appends locks it first and holds it to the commit, so the chain cannot fork. No hash: nothing was ever written.
CREATE TABLE AuditHead (
    Id int NOT NULL CONSTRAINT PK_AuditHead PRIMARY KEY CONSTRAINT CK_AuditHead_Id CHECK (Id = 1),
    Sequence bigint NOT NULL CONSTRAINT CK_AuditHead_Sequence CHECK (Sequence BETWEEN 0 AND 9000000000000000),
    Hash binary(32) NULL
);
INSERT INTO AuditHead (Id, Sequence, Hash) VALUES (1, 0, NULL);

CREATE TABLE AuditEntries (
    Sequence bigint NOT NULL CONSTRAINT CK_AuditEntries_Sequence CHECK (Sequence BETWEEN 1 AND 9000000000000000),
    At datetime2(3) NOT NULL,
    Who nvarchar(320) ${ordinal} NOT NULL,
    Action nvarchar(60) ${ordinal} NOT NULL,
    Subject nvarchar(200) ${ordinal} NOT NULL,
    Reason nvarchar(1000) NULL,
    Details ${text} NULL,
    PreviousHash binary(32) NOT NULL CONSTRAINT UX_AuditEntries_PreviousHash UNIQUE,
    Hash binary(32) NOT NULL CONSTRAINT UX_AuditEntries_Hash UNIQUE,
    CONSTRAINT PK_AuditEntries PRIMARY KEY (Sequence)
) ${mass};
CREATE INDEX IX_AuditEntries_At ON AuditEntries (At, Sequence);
CREATE INDEX IX_AuditEntries_Who ON AuditEntries (Who, At, Sequence);
CREATE INDEX IX_AuditEntries_Action ON AuditEntries (Action, At, Sequence);
CREATE INDEX IX_AuditEntries_Subject ON AuditEntries (Subject, At, Sequence);
