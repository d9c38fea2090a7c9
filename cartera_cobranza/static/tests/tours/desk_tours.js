import { registry } from "@web/core/registry";

function chartData() {
    const canvas = document.querySelector(".o_graph_renderer canvas");
    return window.Chart.getChart(canvas).data.datasets[0].data;
}

registry.category("web_tour.tours").add("cartera_list_totals", {
    url: "/odoo/open-items",
    steps: () => [
        {
            content: "90 items of 10 on two pages: the total is that of both",
            trigger: ".o_list_view .o_list_footer:contains(900.00)",
        },
        {
            content: "Those that are selected have their own",
            trigger: ".o_data_row:first .o_list_record_selector input",
            run: "click",
        },
        { trigger: ".o_list_view .o_list_footer:contains(10.00):not(:contains(900.00))" },
    ],
});

registry.category("web_tour.tours").add("cartera_graph_gaps", {
    url: "/odoo/receipts-forecast?view_type=graph",
    steps: () => [
        {
            content: "The forecast of today has no error yet: a gap, no zero",
            trigger: ".o_graph_view .o_graph_renderer canvas",
            run() {
                const data = chartData();
                if (data.length < 2 || data.at(-1) !== null || data.some((value) => value === 0)) {
                    throw new Error(`No gap in ${JSON.stringify(data)}`);
                }
            },
        },
    ],
});
