import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("cartera_director_day", {
    url: "/odoo/receivables-today",
    steps: () => [
        {
            content: "The one screen: what is receivable, with its formula",
            trigger: ".o_cartera_director button[name=total][title*='trade receivable accounts']:contains(600.00)",
        },
        {
            content: "A key figure names its variant and has its formula",
            trigger: ".o_cartera_director [data-kpi=dso][title*='sales of three months']:contains(window of three months)",
        },
        {
            content: "By age, who owes most, and the weeks to come",
            trigger: ".o_cartera_director:has(.o_cartera_aging_buckets):has(.o_cartera_director_debtors):has(.o_cartera_director_weeks)",
        },
        {
            content: "Drill down to what is overdue",
            trigger: ".o_cartera_director button[name=overdue]",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:contains(Abarrotes La Central)" },
        {
            content: "Back to the screen",
            trigger: ".breadcrumb-item a:contains(Receivables Today), .o_back_button a",
            run: "click",
        },
        {
            content: "Open the history of a figure",
            trigger: ".o_cartera_director [data-kpi=dso]",
            run: "click",
        },
        { trigger: ".o_graph_view .o_graph_renderer" },
        {
            trigger: ".breadcrumb-item a:contains(Receivables Today), .o_back_button a",
            run: "click",
        },
        {
            content: "Look at the forecast",
            trigger: ".o_cartera_director .o_control_panel button[name=forecast], .o_control_panel button[name=forecast]",
            run: "click",
        },
        { trigger: ".o_form_view .o_field_widget[name=total]:contains(600.00)" },
        {
            content: "By customers and weeks",
            trigger: ".o_form_view button[name=action_open_lines]",
            run: "click",
        },
        { trigger: ".o_pivot_view table" },
    ],
});

registry.category("web_tour.tours").add("cartera_key_figures", {
    url: "/odoo/key-figures",
    steps: () => [
        {
            content: "Figures with their variant and formula",
            trigger: ".o_list_view .o_data_row:has(.o_cartera_kpi_name[title*='sales of three months']):contains(standard)",
        },
        {
            content: "Open one",
            trigger: ".o_list_view .o_data_row:contains('DSO, standard') td[name=variant_name]",
            run: "click",
        },
        { trigger: ".o_form_view .o_field_widget[name=formula]:contains(sales of three months)" },
        {
            content: "Its history",
            trigger: ".o_form_view button[name=action_open_history]",
            run: "click",
        },
        { trigger: ".o_graph_view" },
    ],
});
