using BackOffice.Data.Orders;
using BackOffice.Data.Packages;
using BackOffice.Jobs;
using BackOffice.Web.Features.Packages;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Orders;

/// <summary>The list of orders as a file.</summary>
public static class OrderColumns
{
    public static RowColumns<OrderRow> Add(RowColumns<OrderRow> columns, Texts texts, IReadOnlyList<PackageRow> packages, DateTime graceFrom)
    {
        var names = packages.ToDictionary(package => package.Slug, package => package.Name(texts));
        return columns
            .Text(texts["Orders.Order"], order => order.OrderNo)
            .Time(texts["Orders.CreatedAt"], order => order.CreatedAt)
            .Text(texts["Orders.Field.package"], order => names.GetValueOrDefault(order.Package, order.Package))
            .Number(texts["Orders.UnitsColumn"], order => order.Units)
            .Money(texts["Orders.Charge"], order => order.ChargeMinor, order => order.ChargeCurrency)
            .Currency(order => order.ChargeCurrency)
            .Text(texts["Orders.Payment"], order => texts["State." + OrderWords.Payment(order.Now.Payment)])
            .Text(texts["Orders.Delivery"], order => texts["State." + OrderWords.Delivery(order.Now, graceFrom)])
            .Text(texts["Orders.Status"], order => texts["State." + OrderWords.Standing(order.Now.Standing(graceFrom))]);
    }
}
