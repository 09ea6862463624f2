CREATE TABLE Counters (
    Name nvarchar(40) ${ordinal} NOT NULL CONSTRAINT PK_Counters PRIMARY KEY,
    Value bigint NOT NULL CONSTRAINT CK_Counters_Value CHECK (Value BETWEEN 1 AND 9000000000000000)
);

CREATE TABLE Packages (
    Slug nvarchar(40) ${ordinal} NOT NULL CONSTRAINT PK_Packages PRIMARY KEY,
    NameEnglish nvarchar(100) NOT NULL,
    NameChinese nvarchar(100) NOT NULL,
    AudienceEnglish nvarchar(200) NOT NULL,
    AudienceChinese nvarchar(200) NOT NULL,
    Tokens bigint NOT NULL CONSTRAINT CK_Packages_Tokens CHECK (Tokens BETWEEN 1 AND 9000000000000000),
    Active bit NOT NULL CONSTRAINT CK_Packages_Active CHECK (Active IN (0, 1)),
    Position int NOT NULL CONSTRAINT CK_Packages_Position CHECK (Position BETWEEN 1 AND 100000)
);

-- Dated rows, never edited: a price ends by getting a ValidUntil and is followed by another row.
CREATE TABLE PackagePrices (
    Package nvarchar(40) ${ordinal} NOT NULL CONSTRAINT FK_PackagePrices_Packages REFERENCES Packages (Slug),
    Purpose nvarchar(6) ${ordinal} NOT NULL CONSTRAINT CK_PackagePrices_Purpose CHECK (Purpose IN ('list', 'charge')),
    Currency nchar(3) ${ordinal} NOT NULL CONSTRAINT CK_PackagePrices_Currency CHECK (Currency LIKE '___'),
    AmountMinor bigint NOT NULL CONSTRAINT CK_PackagePrices_Amount CHECK (AmountMinor BETWEEN 1 AND 999999999999),
    TaxMode nvarchar(9) ${ordinal} NULL CONSTRAINT CK_PackagePrices_TaxMode CHECK (TaxMode IN ('inclusive', 'exclusive')),
    CreemProductId nvarchar(80) ${ordinal} NULL,
    ValidFrom datetime2(3) NOT NULL,
    ValidUntil datetime2(3) NULL,
    CONSTRAINT PK_PackagePrices PRIMARY KEY (Package, Purpose, Currency, ValidFrom)
);

INSERT INTO Packages (Slug, NameEnglish, NameChinese, AudienceEnglish, AudienceChinese, Tokens, Active, Position) VALUES
    ('trial', 'Trial', ${n}'体验包', 'Quick test', ${n}'快速试用', 5000000, 1, 1),
    ('starter', 'Starter', ${n}'入门包', 'Personal projects', ${n}'个人项目', 9000000, 1, 2),
    ('standard', 'Standard', ${n}'标准包', 'Most popular', ${n}'最受欢迎', 17000000, 1, 3),
    ('professional', 'Professional', ${n}'专业包', 'Best value', ${n}'最划算', 38000000, 1, 4);

INSERT INTO PackagePrices (Package, Purpose, Currency, AmountMinor, TaxMode, CreemProductId, ValidFrom, ValidUntil) VALUES
    ('trial', 'list', 'CNY', 2200, NULL, NULL, '2026-01-01 00:00:00', NULL),
    ('starter', 'list', 'CNY', 3600, NULL, NULL, '2026-01-01 00:00:00', NULL),
    ('standard', 'list', 'CNY', 6500, NULL, NULL, '2026-01-01 00:00:00', NULL),
    ('professional', 'list', 'CNY', 13700, NULL, NULL, '2026-01-01 00:00:00', NULL);
