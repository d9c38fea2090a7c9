import { registry } from "@web/core/registry";

const PDF = "%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";

registry.category("web_tour.tours").add("cartera_ask_for_a_line", {
    url: "/odoo/credit-customers",
    steps: () => [
        {
            content: "Open the customer",
            trigger: ".o_data_row .o_data_cell[name=partner_id]:contains(Abarrotes)",
            run: "click",
        },
        {
            content: "Ask for a line",
            trigger: ".o_form_statusbar button[name=action_new_request]",
            run: "click",
        },
        {
            content: "How much",
            trigger: ".o_field_widget[name=amount] input",
            run: "edit 50000",
        },
        {
            content: "Why",
            trigger: ".o_field_widget[name=reason] textarea",
            run: "edit Two new branches",
        },
        {
            content: "Save, so that the documents are asked for",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "The tax certificate is missing",
            trigger: ".o_field_widget[name=document_ids] .o_data_row:contains(Missing) .o_data_cell[name=file]",
            run: "click",
        },
        {
            content: "Hand it in",
            trigger: ".o_field_widget[name=document_ids] .o_selected_row .o_field_widget[name=file] input[type=file]:not(:visible), .o_field_widget[name=document_ids] .o_selected_row input[type=file]",
            async run({ anchor }) {
                const transfer = new DataTransfer();
                transfer.items.add(new File([PDF], "certificate.pdf", { type: "application/pdf" }));
                anchor.files = transfer.files;
                anchor.dispatchEvent(new Event("change", { bubbles: true }));
            },
        },
        {
            trigger: ".o_field_widget[name=document_ids] .o_selected_row:contains(certificate.pdf), .o_field_widget[name=document_ids] .o_selected_row input[type=text]",
        },
        {
            content: "The figures of the balance sheet",
            trigger: ".o_notebook .nav-link[name=investigation]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=total_assets] input",
            run: "edit 100000",
        },
        {
            trigger: ".o_field_widget[name=total_liabilities] input",
            run: "edit 40000",
        },
        {
            content: "Submit it",
            trigger: ".o_form_statusbar button[name=action_submit]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Submitted)",
        },
        {
            content: "The score and its parts are shown",
            trigger: ".o_notebook .nav-link[name=score]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=score_ids] .o_data_row:contains(Debt) .o_data_cell[name=points]:contains(10)",
        },
        {
            content: "Nobody approves an own application",
            trigger: ".o_form_statusbar:not(:has(button[name=action_approve]))",
        },
    ],
});

registry.category("web_tour.tours").add("cartera_approve_a_line", {
    url: "/odoo/credit-applications",
    steps: () => [
        {
            content: "Open the application",
            trigger: ".o_data_row:contains(Submitted) .o_data_cell[name=customer_id]:contains(Abarrotes)",
            run: "click",
        },
        {
            content: "Take it into review",
            trigger: ".o_form_statusbar button[name=action_review]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(In Review)",
        },
        {
            content: "Grant less than was asked for",
            trigger: ".o_field_widget[name=amount_granted] input",
            run: "edit 30000",
        },
        {
            content: "Approve it",
            trigger: ".o_form_statusbar button[name=action_approve]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Approved)",
        },
        {
            content: "The line exists",
            trigger: "button[name=action_open_line]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Active)",
        },
        {
            trigger: ".o_field_widget[name=amount]:contains(30,000.00)",
        },
    ],
});
