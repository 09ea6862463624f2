-- A row of rates that was a slip ends where it begins: then it never held.
ALTER TABLE UpstreamPrices DROP CONSTRAINT CK_UpstreamPrices_Valid;
ALTER TABLE UpstreamPrices ADD CONSTRAINT CK_UpstreamPrices_Valid CHECK (ValidUntil >= ValidFrom);
ALTER TABLE ModelMappings DROP CONSTRAINT CK_ModelMappings_Valid;
ALTER TABLE ModelMappings ADD CONSTRAINT CK_ModelMappings_Valid CHECK (ValidUntil >= ValidFrom);

-- What an approved settlement was mapped and priced by besides mappings and prices: currencies, peak hours, holidays, channels.
ALTER TABLE Settlements ADD Frame ${text} NULL;
