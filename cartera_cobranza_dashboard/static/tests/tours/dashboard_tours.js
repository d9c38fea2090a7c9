import { registry } from "@web/core/registry";

function noErrors() {
    const broken = document.querySelector(".o-spreadsheet-error, .o_dashboard_error, .o_error_dialog");
    if (broken) {
        throw new Error(`The dashboard shows an error: ${broken.textContent}`);
    }
}

registry.category("web_tour.tours").add("cartera_dashboards_open", {
    steps: () => [
        {
            content: "Open the receivables",
            trigger: ".o_search_panel li:contains(Receivables)",
            run: "click",
        },
        { trigger: ".o-chart-container, .o-figure canvas", run: noErrors },
        {
            content: "Open the collections",
            trigger: ".o_search_panel li:contains(Collections)",
            run: "click",
        },
        { trigger: ".o_search_panel li.active:contains(Collections)" },
        { trigger: ".o-chart-container, .o-figure canvas", run: noErrors },
    ],
});
