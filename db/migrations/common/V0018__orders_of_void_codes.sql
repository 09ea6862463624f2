-- A delivery whose code is void and was not redeemed is not live: orders with one are worked out anew.
UPDATE Orders SET Status = NULL
WHERE OrderNo IN (
    SELECT d.OrderNo
    FROM Codes c
    JOIN CodeBatches b ON b.Number = c.BatchNo
    JOIN Deliveries d ON d.LookupKey = c.LookupKey AND d.Kind = 'redemption_code'
    WHERE c.Status = 'void' OR b.Status = 'void'
);
