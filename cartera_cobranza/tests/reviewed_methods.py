"""The public methods of the suite, by addon and model: what anybody can call over RPC, and what was found about it.

role    checks role and rights before anything else: whoever has none gets an AccessError, and so does the manager of
        another company
own     checks the role, and works in the companies that the caller has at hand
opens   returns an action and nothing else; what it shows is subject to the rights of its model
wizard  of a wizard, which only its maker reaches; the verb that it calls checks role and company

A method that is new here was not looked at yet: read it as a stranger would, then write it down.
"""

REVIEWED = {
    "cartera_cobranza": {
        "account.move": {
            "opens": "action_cartera_dispute action_interest_quote action_open_interest",
            "role": (
                "action_back_to_plan action_cartera_leave_out action_cartera_open_disputes "
                "action_cartera_open_promises action_cartera_promise action_leave_out_of_plan "
                "action_open_note_requests"
            ),
        },
        "account.move.line": {
            "role": "action_back_to_plan action_cartera_leave_out",
        },
        "account.payment": {
            "role": "action_cartera_apply",
        },
        "cartera.aging.report": {
            "role": "action_show",
        },
        "cartera.aging.snapshot": {
            "role": "action_compute",
        },
        "cartera.authority.delegation": {
            "role": "action_revoke",
        },
        "cartera.case.assign": {
            "wizard": "action_assign",
        },
        "cartera.case.pause": {
            "wizard": "action_apply",
        },
        "cartera.collection.action": {
            "role": (
                "action_cancel action_log action_mark_done action_open_case action_open_whatsapp "
                "action_print_letters action_send action_skip"
            ),
        },
        "cartera.collection.case": {
            "role": (
                "action_answer_read action_close action_do_step action_hand_over action_legal_file "
                "action_log_contact action_new_dispute action_new_promise action_open_account "
                "action_open_items action_pause action_resume action_statement"
            ),
        },
        "cartera.collection.center": {
            "opens": "action_open_payments",
        },
        "cartera.collection.simulation": {
            "wizard": "action_simulate",
        },
        "cartera.collection.strategy": {
            "opens": "action_open_simulation",
            "role": "action_simulate",
        },
        "cartera.collector.rule": {
            "role": "action_assign",
        },
        "cartera.commercial.period": {
            "role": "action_close action_open",
        },
        "cartera.consolidated.balance": {
            "wizard": "action_show action_xlsx",
        },
        "cartera.consolidated.balance.line": {
            "wizard": "action_by_period action_open_items",
        },
        "cartera.credit.file": {
            "opens": "action_open_waive",
            "role": "action_waive",
        },
        "cartera.credit.guarantee": {
            "opens": "action_open_execute action_open_release",
            "role": "action_accept action_cancel action_execute action_release",
        },
        "cartera.credit.hold": {
            "role": (
                "action_force action_open_customer action_open_document action_recheck action_reject "
                "action_release"
            ),
        },
        "cartera.credit.line": {
            "role": "action_activate action_expire action_new_version action_suspend",
        },
        "cartera.credit.request": {
            "role": (
                "action_analyse action_approve action_cancel action_grant_recommended "
                "action_open_customer action_open_line action_open_reject action_open_request_info "
                "action_reject action_request_info action_review action_submit"
            ),
        },
        "cartera.credit.review": {
            "role": "action_open_customer action_open_record",
        },
        "cartera.credit.revision": {
            "opens": "action_open_reject action_open_requests",
            "role": "action_approve action_cancel action_draft action_propose action_reject action_submit",
        },
        "cartera.credit.temporary": {
            "role": "action_activate action_cancel",
        },
        "cartera.currency.conversion": {
            "wizard": "action_convert",
        },
        "cartera.customer": {
            "opens": (
                "action_interest_quote action_open_disputes action_open_guarantees action_open_holds "
                "action_open_promises"
            ),
            "role": (
                "action_cartera_dispute action_cartera_promise action_new_request action_open_case "
                "action_open_interest action_open_items action_open_kind_items action_open_note_requests "
                "action_open_partner action_open_requests action_open_source action_refresh "
                "action_statement get_position"
            ),
        },
        "cartera.customer.request": {
            "role": (
                "action_approve action_cancel action_open_partner action_reject action_request_info "
                "action_review action_submit"
            ),
        },
        "cartera.director": {
            "role": "action_show",
        },
        "cartera.dispute": {
            "role": (
                "action_accept action_analyse action_cancel action_credit_note action_open "
                "action_reject action_resolve"
            ),
        },
        "cartera.forecast": {
            "role": "action_compute action_export action_open_items action_open_lines action_today",
        },
        "cartera.hold.force": {
            "wizard": "action_force",
        },
        "cartera.hold.reject": {
            "wizard": "action_reject",
        },
        "cartera.hold.release": {
            "wizard": "action_release",
        },
        "cartera.interest.fee.add": {
            "wizard": "action_add",
        },
        "cartera.interest.line": {
            "role": "action_open_move action_open_note action_reverse",
        },
        "cartera.interest.run": {
            "opens": "action_annex action_annex_xlsx",
            "role": (
                "action_add_fee action_approve action_back action_open_lines action_open_notes "
                "action_post action_reinstate action_reverse action_simulate action_submit "
                "action_waive"
            ),
        },
        "cartera.interest.waive": {
            "wizard": "action_confirm",
        },
        "cartera.invoice.delivery": {
            "role": "action_accept action_receive action_reject action_send",
        },
        "cartera.invoice.leave.out": {
            "wizard": "action_apply",
        },
        "cartera.kpi": {
            "role": "action_compute action_open_comparison action_open_history",
        },
        "cartera.log.contact": {
            "wizard": "action_log action_log_and_follow",
        },
        "cartera.note.import": {
            "role": "action_cancel action_check action_download_template action_import action_open_rows",
        },
        "cartera.note.reject": {
            "wizard": "action_reject",
        },
        "cartera.note.report": {
            "wizard": "action_export",
        },
        "cartera.note.request": {
            "role": (
                "action_approve action_cancel action_draft action_fill_lines action_issue "
                "action_open_note action_open_reject action_reject action_submit"
            ),
        },
        "cartera.payment.export": {
            "wizard": "action_export",
        },
        "cartera.payment.promise": {
            "role": "action_cancel action_open action_replace action_send_confirmation action_withdraw",
        },
        "cartera.payment.statistic": {
            "role": "action_open_payment",
        },
        "cartera.reason": {
            "wizard": "action_confirm",
        },
        "cartera.receipt.apply": {
            "wizard": "action_apply",
        },
        "cartera.receivable.item": {
            "role": "action_open_document",
        },
        "cartera.request.info": {
            "wizard": "action_confirm",
        },
        "cartera.sales.review": {
            "role": "action_agree action_ask action_difference action_open_account",
        },
        "cartera.sales.review.difference": {
            "wizard": "action_confirm",
        },
        "cartera.setup": {
            "wizard": "action_apply",
        },
        "cartera.statement.line": {
            "role": "action_open_customer action_pdf action_xlsx",
        },
        "cartera.statement.print": {
            "role": "action_cancel action_open_lines action_retry",
        },
        "cartera.statement.run": {
            "role": (
                "action_cancel action_open_lines action_prepare action_print action_retry "
                "action_send"
            ),
        },
        "cartera.statement.wizard": {
            "wizard": "action_pdf action_send action_xlsx",
        },
        "res.partner": {
            "opens": "action_cartera_items action_cartera_requests",
            "role": "action_cartera_request action_cartera_statement action_open_cartera_customer",
        },
    },
    "cartera_cobranza_sale": {
        "sale.order": {
            "role": "action_close_commitment action_register_advance action_reopen_commitment",
        },
    },
    "cartera_cobranza_stock": {
        "cartera.credit.hold": {
            "own": "action_check_shipments",
        },
    },
}
