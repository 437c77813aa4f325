/*
 * Notices: mails that no email_notification names.
 */

#include "rules/crm_notice.h"


static void notice_sender(const crm_email_t *email, const char *path,
    crm_compile_t *cc);
static crm_str_t notice_plain(crm_str_t text, crm_pool_t *pool);


crm_status_t
crm_notice(crm_email_t *email, const char *about, crm_str_t why,
    const char *path, crm_compile_t *cc)
{
    crm_str_t              subject, text;
    crm_status_t           rc;
    crm_email_template_t  *template;

    template = crm_pool_calloc(cc->pool, 1, sizeof(crm_email_template_t));
    why = notice_plain(why, cc->pool);
    subject = crm_pool_printf(cc->pool, "%s: %s ${!%s.id}", about, cc->module,
                              cc->module);
    text = why.data ? crm_pool_printf(cc->pool, "%s ${!%s.id} %s\n",
                                      cc->module, cc->module, why.data)
                    : why;

    if (template == NULL || subject.data == NULL || text.data == NULL) {
        return CRM_ENOMEM;
    }

    template->module = crm_strz(cc->module);
    template->has_text = 1;

    rc = crm_template_compile(&template->subject, subject, path, cc);
    if (rc == CRM_OK) {
        rc = crm_template_compile(&template->text, text, path, cc);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    email->name = CRM_STR("notify");
    email->module = template->module;
    email->template = template;
    email->from = cc->names ? cc->names->mail_from : CRM_STR("");

    notice_sender(email, path, cc);

    return CRM_OK;
}


static void
notice_sender(const crm_email_t *email, const char *path, crm_compile_t *cc)
{
    if (email->from.len) {
        return;
    }

    crm_findings_add(cc->findings, CRM_WARNING, cc->object, path, 0,
                     "no_sender", NULL, "nobody is named who sends this mail,"
                     " so that it is not sent: give mail_from in a document"
                     " of kind organization");
}


/* Of a name, which may look like a merge field and is none. */
static crm_str_t
notice_plain(crm_str_t text, crm_pool_t *pool)
{
    size_t     i;
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);

    for (i = 0; i < text.len; i++) {
        crm_buf_putc(&buf, text.data[i]);

        if (text.data[i] == '$' && i + 1 < text.len && text.data[i + 1] == '{')
        {
            crm_buf_putc(&buf, ' ');
        }
    }

    crm_buf_putc(&buf, '\0');

    return crm_buf_status(&buf) == CRM_OK
           ? crm_str(crm_buf_view(&buf).data, crm_buf_view(&buf).len - 1)
           : CRM_STR_NULL;
}


crm_status_t
crm_notice_action(crm_action_t *action, unsigned seq, crm_party_t *to,
    size_t count, const char *about, crm_str_t why, const char *path,
    crm_compile_t *cc)
{
    crm_email_t   *email;
    crm_status_t   rc;

    email = crm_pool_calloc(cc->pool, 1, sizeof(crm_email_t));
    if (email == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_notice(email, about, why, path, cc);

    email->to = to;
    email->to_count = count;

    memset(action, 0, sizeof(crm_action_t));
    action->id = CRM_ACTION_EMAIL;
    action->type = "email_notifications";
    action->seq = seq;
    action->u.email = email;

    return rc == CRM_OK ? crm_email_asks(email, cc->pool) : rc;
}
