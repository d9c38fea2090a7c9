import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("cartera_collector_logs_a_call", {
    url: "/odoo/collection-worklist",
    steps: () => [
        {
            content: "The worklist opens on what is to do; open the customer",
            trigger: ".o_data_row .o_data_cell[name=partner_id]:contains(Abarrotes)",
            run: "click",
        },
        {
            content: "The page tells what is owed",
            trigger: ".o_field_widget[name=summary_html] td:contains(600.00)",
        },
        {
            content: "Click one: log a contact",
            trigger: ".o_form_statusbar button:contains(Log a Contact)",
            run: "click",
        },
        {
            content: "Click two: how it ended; a call is proposed, the next date comes by itself",
            trigger: ".modal .o_field_widget[name=outcome_id] .o_selection_badge:contains(Nobody answered)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=next_date] :is(input, button, span)",
        },
        {
            content: "Click three: done",
            trigger: ".modal footer button[name=action_log]",
            run: "click",
        },
        {
            content: "The call is in the history",
            trigger: "body:not(:has(.modal)) .o_notebook a[name=contacts]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=history_ids] .o_data_row:contains(Nobody answered)",
        },
    ],
});

registry.category("web_tour.tours").add("cartera_simulate_the_plan", {
    url: "/odoo/collection-simulation",
    steps: () => [
        {
            content: "Simulate today",
            trigger: ".o_form_statusbar button[name=action_simulate]",
            run: "click",
        },
        {
            content: "The list tells whom the plan would contact",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains(Abarrotes)",
        },
    ],
});
