/*
 * Tasks: sendmail, invokeurl, and the keys between their brackets.
 *
 *     invokeurl [ url: u type: POST parameters: p ]
 *     sendmail [ from: a reply to: b ... attachments: file: x, file: y ]
 */

#include "crm_deluge_parser.h"


static crm_status_t task_key(crm_deluge_parser_t *parser, crm_str_t *key);
static crm_status_t task_files(crm_deluge_parser_t *parser,
    crm_deluge_node_t **list);


crm_status_t
crm_deluge_parser_task(crm_deluge_parser_t *parser, crm_deluge_node_t *node)
{
    crm_array_t         items;
    crm_status_t        rc;
    crm_deluge_node_t  *param, *value;

    memset(&items, 0, sizeof(crm_array_t));

    rc = crm_deluge_parser_advance(parser);

    while (rc == CRM_OK && !crm_deluge_parser_sign(parser, "]")) {
        param = crm_deluge_parser_node(parser, CRM_DELUGE_N_PARAM);

        if (param == NULL
            || crm_array_push(&items, param, parser->pool) != CRM_OK)
        {
            return crm_deluge_parser_no_memory(parser);
        }

        rc = task_key(parser, &param->text);

        if (rc == CRM_OK) {
            rc = crm_deluge_parser_expression(parser, &value);
            param->a = value;
        }

        if (rc == CRM_OK && value->kind == CRM_DELUGE_N_NAME
            && crm_str_is(value->text, "file")
            && crm_deluge_parser_sign(parser, ":"))
        {
            rc = task_files(parser, &value);
            param->a = value;
        }

        /* the word behind type: is a text without quotes */

        if (rc == CRM_OK && crm_str_is(param->text, "type")
            && value->kind == CRM_DELUGE_N_NAME)
        {
            value->kind = CRM_DELUGE_N_LITERAL;
            value->value = crm_deluge_text(value->text);
        }

        if (rc == CRM_OK && (crm_deluge_parser_sign(parser, ",")
                             || crm_deluge_parser_sign(parser, ";")))
        {
            rc = crm_deluge_parser_advance(parser);
        }
    }

    crm_deluge_parser_list(node, &items);

    return rc == CRM_OK ? crm_deluge_parser_advance(parser) : rc;
}


/* name:, content-type: or reply to: */
static crm_status_t
task_key(crm_deluge_parser_t *parser, crm_str_t *key)
{
    crm_str_t     parts[3];
    crm_status_t  rc;

    rc = crm_deluge_parser_name(parser, key, "a key, or \"]\"");

    while (rc == CRM_OK && (crm_deluge_parser_sign(parser, "-")
                            || parser->token.kind == CRM_DELUGE_T_NAME))
    {
        parts[0] = *key;
        parts[1] = CRM_STR(" ");

        if (crm_deluge_parser_sign(parser, "-")) {
            parts[1] = CRM_STR("-");
            rc = crm_deluge_parser_advance(parser);
        }

        if (rc == CRM_OK) {
            rc = crm_deluge_parser_name(parser, &parts[2], "a key");
        }

        if (rc == CRM_OK) {
            *key = crm_pool_concat(parser->pool, parts, 3);

            if (key->data == NULL) {
                return crm_deluge_parser_no_memory(parser);
            }
        }
    }

    return rc == CRM_OK
           ? crm_deluge_parser_expect(parser, ":", "behind a key") : rc;
}


/* attachments: file: a, file: b: a list of those. */
static crm_status_t
task_files(crm_deluge_parser_t *parser, crm_deluge_node_t **list)
{
    int                 more;
    crm_array_t         items;
    crm_status_t        rc;
    crm_deluge_node_t  *file;

    memset(&items, 0, sizeof(crm_array_t));

    *list = crm_deluge_parser_node(parser, CRM_DELUGE_N_LIST);
    if (*list == NULL) {
        return crm_deluge_parser_no_memory(parser);
    }

    do {
        more = 0;
        rc = crm_deluge_parser_expect(parser, ":", "behind file");

        if (rc == CRM_OK) {
            rc = crm_deluge_parser_expression(parser, &file);
        }

        if (rc == CRM_OK
            && crm_array_push(&items, file, parser->pool) != CRM_OK)
        {
            return crm_deluge_parser_no_memory(parser);
        }

        if (rc == CRM_OK && crm_deluge_parser_sign(parser, ",")
            && parser->after.kind == CRM_DELUGE_T_NAME
            && crm_str_is(parser->after.text, "file"))
        {
            more = 1;
            rc = crm_deluge_parser_advance(parser);

            if (rc == CRM_OK) {
                rc = crm_deluge_parser_advance(parser);
            }
        }

    } while (rc == CRM_OK && more);

    crm_deluge_parser_list(*list, &items);

    return rc;
}
