/*
 * Texts that people type and the history keeps.
 */

#include "crm_cli_text.h"
#include "crm_cli_print.h"


int
crm_cli_text_is_line(const char *text, size_t max)
{
    json_t               *json;
    const unsigned char  *p;

    if (text[0] == '\0' || strlen(text) > max) {
        return 0;
    }

    for (p = (const unsigned char *) text; *p; p++) {
        if (*p < 0x20 || *p == 0x7f) {
            return 0;
        }
    }

    json = json_string(text);
    json_decref(json);

    return json != NULL;
}


crm_cli_exit_t
crm_cli_text_check(const crm_cli_opts_t *opts)
{
    if (opts->message
        && !crm_cli_text_is_line(opts->message, CRM_CLI_TEXT_MESSAGE))
    {
        crm_cli_complain("--message takes one line of UTF-8, at most %d bytes",
                         CRM_CLI_TEXT_MESSAGE);
        return CRM_CLI_USAGE;
    }

    if (opts->author
        && !crm_cli_text_is_line(opts->author, CRM_CLI_TEXT_AUTHOR))
    {
        crm_cli_complain("--author takes one line of UTF-8, at most %d bytes",
                         CRM_CLI_TEXT_AUTHOR);
        return CRM_CLI_USAGE;
    }

    return CRM_CLI_OK;
}
