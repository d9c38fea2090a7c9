import { registry } from "@web/core/registry";
import { inputFiles } from "@web/../tests/utils";

registry.category("web_tour.tours").add("cartera_approve_note_request", {
    steps: () => [
        {
            content: "What waits for me",
            trigger: ".o_list_view .o_data_row .o_data_cell[name=customer_id]:contains(Abarrotes)",
            run: "click",
        },
        {
            content: "Total and what is open on the invoice",
            trigger: ".o_form_view .o_field_widget[name=amount_total]:contains(116.00)",
        },
        {
            content: "Approve",
            trigger: ".o_form_statusbar button[name=action_approve]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Approved)",
        },
        {
            content: "Issue the note",
            trigger: ".o_form_statusbar button[name=action_issue]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Issued)",
            timeout: 60000,
        },
        {
            content: "Open it",
            trigger: "button[name=action_open_note]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=note_reason_id]:contains(Billing error)",
            timeout: 30000,
        },
    ],
});

registry.category("web_tour.tours").add("cartera_reverse_with_reason", {
    steps: () => [
        {
            content: "A credit note for the invoice",
            trigger: ".o_form_statusbar button[name=action_reverse]",
            run: "click",
        },
        {
            content: "It cannot be made without a reason",
            trigger: ".modal button[name=refund_moves]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=note_reason_id].o_field_invalid input",
            run: "edit Price adj",
        },
        {
            trigger:
                ".o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option) a:contains(Price adjustment)",
            run: "click",
        },
        {
            trigger: ".modal button[name=refund_moves]",
            run: "click",
        },
        {
            content: "A draft that has the reason",
            trigger:
                "body:not(:has(.modal)) .o_form_view .o_field_widget[name=note_reason_id] input:value(Price)",
        },
        {
            content: "Confirm it",
            trigger: ".o_form_statusbar button[name=action_post]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Posted)",
            timeout: 60000,
        },
    ],
});

registry.category("web_tour.tours").add("cartera_import_notes", {
    steps: () => [
        {
            content: "A new import",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Two good rows, and one of an invoice that is not there",
            trigger: ".o_form_view .o_field_widget[name=file] input[type=file]:not(:visible)",
            async run() {
                const rows = [
                    "Reference,Customer,Reason,Amount,Invoice",
                    "T1,Abarrotes La Central,PRC,100.00,",
                    "T2,Abarrotes La Central,PRC,50.25,",
                    "T3,Abarrotes La Central,PRC,10,NOTHERE/1",
                ];
                const file = new File([rows.join("\n")], "notes.csv", { type: "text/csv" });
                await inputFiles(".o_field_widget[name=file] input[type=file]", [file]);
            },
        },
        {
            trigger: ".o_field_widget[name=file]:contains(notes.csv), .o_field_widget[name=file] input:value(notes.csv)",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "The columns were recognized",
            trigger: ".o_field_widget[name=column_ids] .o_data_row:contains(Amount)",
        },
        {
            content: "Dry run",
            trigger: ".o_form_statusbar button[name=action_check]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Checked)",
        },
        {
            content: "What the check found, in words",
            trigger: ".alert .o_field_widget[name=summary]:contains(Ready: 2. With errors: 1.)",
        },
        {
            trigger: ".o_form_view .nav-link[name=errors]",
            run: "click",
        },
        {
            content: "Row and cell of the mistake",
            trigger: ".o_field_widget[name=error_row_ids] .o_data_row:contains(E4):contains(NOTHERE/1)",
        },
        {
            content: "Among all rows as well",
            trigger: ".o_form_view .nav-link[name=rows]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=row_ids] .o_data_row:contains(E4):contains(NOTHERE/1)",
        },
        {
            content: "Only the valid rows",
            trigger: ".o_field_widget[name=mode] .o_radio_item:contains(valid) input",
            run: "click",
        },
        {
            content: "Import them",
            trigger: ".o_form_statusbar button[name=action_import]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Imported)",
            timeout: 60000,
        },
    ],
});

registry.category("web_tour.tours").add("cartera_ask_for_a_note", {
    steps: () => [
        {
            content: "A new request",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=customer_id] input",
            run: "edit Abarrotes",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option) a:contains(Abarrotes La Central)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=move_id] input",
            run: "click",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option) a:contains(INV/)",
            run: "click",
        },
        {
            content: "What is open on it",
            trigger: ".o_field_widget[name=amount_open]:contains(1,000.00)",
        },
        {
            trigger: ".o_field_widget[name=reason_id] input",
            run: "edit Billing error",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option) a:contains(Billing error)",
            run: "click",
        },
        {
            content: "More than is open",
            trigger: ".o_field_widget[name=amount] input",
            run: "edit 1200",
        },
        {
            trigger: ".o_form_statusbar button[name=action_submit]",
            run: "click",
        },
        {
            content: "is refused with what is open, and what to do",
            trigger: ".modal:contains(1,200.00):contains(1,000.00):contains(Lower the amount) .btn-primary",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_field_widget[name=amount] input",
            run: "edit 80",
        },
        {
            trigger: ".o_form_statusbar button[name=action_submit]",
            run: "click",
        },
        {
            content: "Somebody else approves it",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(To Approve)",
        },
        {
            content: "and not who asked",
            trigger: ".o_form_statusbar:not(:has(button[name=action_approve]))",
        },
    ],
});
