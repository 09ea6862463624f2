namespace BackOffice.Web;

public sealed class WebHost
{
    public static void Main(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Build().Run();
    }
}
