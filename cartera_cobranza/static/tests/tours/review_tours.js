import { registry } from "@web/core/registry";

const LARGE = ".o_data_row:contains(1,000.00)";
const SMALL = ".o_data_row:contains(600.00)";

registry.category("web_tour.tours").add("cartera_sales_review", {
    steps: () => [
        {
            content: "The larger invoice is right",
            trigger: `.o_list_view ${LARGE} button[name=action_agree]`,
            run: "click",
        },
        {
            trigger: `.o_list_view ${LARGE} .o_data_cell[name=sales_answer]:contains(Agreed)`,
        },
        {
            content: "The smaller one is not",
            trigger: `.o_list_view ${SMALL} button[name=action_difference]`,
            run: "click",
        },
        {
            content: "What it is about",
            trigger: ".modal .o_field_widget[name=type_id] input",
            run: "edit Price",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option) a:contains(Price)",
            run: "click",
        },
        {
            content: "How much of it",
            trigger: ".modal .o_field_widget[name=amount] input",
            run: "edit 150",
        },
        {
            content: "What was agreed",
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit The price agreed was lower",
        },
        {
            content: "Open the dispute",
            trigger: ".modal footer button[name=action_confirm]",
            run: "click",
        },
        {
            content: "Back in the list",
            trigger: `body:not(:has(.modal)) .o_list_view ${LARGE}`,
        },
    ],
});
