-- Who may sign in. A one-time password holds until PasswordUntil; TotpStep is the last time step a code was taken of, so that none is taken twice.
CREATE TABLE Staff (
    Id binary(16) NOT NULL CONSTRAINT PK_Staff PRIMARY KEY,
    Email nvarchar(320) ${ordinal} NOT NULL CONSTRAINT UX_Staff_Email UNIQUE,
    Name nvarchar(100) NOT NULL,
    Role nvarchar(7) ${ordinal} NOT NULL CONSTRAINT CK_Staff_Role CHECK (Role IN ('support', 'finance', 'admin')),
    PasswordHash nvarchar(200) ${ordinal} NOT NULL,
    PasswordUntil datetime2(3) NULL,
    SecurityStamp nvarchar(64) ${ordinal} NOT NULL,
    TotpCipher varbinary(200) NULL,
    TotpKeyName nvarchar(20) ${ordinal} NULL,
    TotpStep bigint NULL,
    CreatedAt datetime2(3) NOT NULL,
    DisabledAt datetime2(3) NULL,
    SignedInAt datetime2(3) NULL,
    Version bigint NOT NULL,
    CONSTRAINT CK_Staff_Totp CHECK ((TotpCipher IS NULL AND TotpKeyName IS NULL) OR (TotpCipher IS NOT NULL AND TotpKeyName IS NOT NULL))
);

-- What a cookie names: it is looked up with every request, so that whatever ends a session ends it at once.
CREATE TABLE StaffSessions (
    Id binary(16) NOT NULL CONSTRAINT PK_StaffSessions PRIMARY KEY,
    StaffId binary(16) NOT NULL CONSTRAINT FK_StaffSessions_Staff REFERENCES Staff (Id),
    StartedAt datetime2(3) NOT NULL,
    ConfirmedAt datetime2(3) NOT NULL,
    EndedAt datetime2(3) NULL
);
CREATE INDEX IX_StaffSessions_StaffId ON StaffSessions (StaffId, EndedAt);

CREATE TABLE StaffRecoveryCodes (
    StaffId binary(16) NOT NULL CONSTRAINT FK_StaffRecoveryCodes_Staff REFERENCES Staff (Id),
    Hash binary(32) NOT NULL,
    UsedAt datetime2(3) NULL,
    CONSTRAINT PK_StaffRecoveryCodes PRIMARY KEY (StaffId, Hash)
);

-- Tries of an account or an address, by a hash: what was typed may be a person's, or a password in the wrong field.
CREATE TABLE SignInTries (
    Id binary(32) NOT NULL CONSTRAINT PK_SignInTries PRIMARY KEY,
    Tries int NOT NULL,
    EndsAt datetime2(3) NOT NULL
);
CREATE INDEX IX_SignInTries_EndsAt ON SignInTries (EndsAt);
