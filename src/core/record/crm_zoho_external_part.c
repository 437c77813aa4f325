/*
 * zoho: the header X-EXTERNAL, which says how records are named.
 *
 *     X-EXTERNAL: Contacts.Ext, Contacts.Account_Name.Ext,
 *                 Quotes.Quoted_Items.Product_Name.Ext
 *
 * The records of which CRM module a lookup field names, the header does not
 * say: of the vendor's own fields it is known.
 */

#include "record/crm_external.h"

#include "record/crm_zoho_path.h"


/* Module, list, lookup, field. */
#define PART_MAX_NAMES  4


static crm_status_t part_read(crm_external_part_t *part, crm_str_t text,
    const crm_route_t *route, crm_str_t target, crm_pool_t *pool,
    crm_refusal_t *refusal);
static size_t part_names(crm_str_t *names, crm_str_t text);
static crm_str_t part_module(crm_str_t lookup);
static crm_str_t part_trim(crm_str_t text);
static crm_status_t part_refuse(const crm_route_t *route, const char *reason,
    crm_refusal_t *refusal);


/* The vendor's lookup fields, named alike in whatever module they stand. */
static const struct {
    const char  *field;
    const char  *module;
} part_lookups[] = {
    { "Account_Name", "Accounts" },
    { "Parent_Account", "Accounts" },
    { "Contact_Name", "Contacts" },
    { "Reporting_To", "Contacts" },
    { "Who_Id", "Contacts" },
    { "Deal_Name", "Deals" },
    { "Product_Name", "Products" },
    { "Vendor_Name", "Vendors" },
    { "Campaign_Source", "Campaigns" },
    { "Quote_Name", "Quotes" },
    { "Sales_Order", "Sales_Orders" },
    { "Purchase_Order", "Purchase_Orders" }
};


crm_status_t
crm_external_parts(const crm_dialect_t *dialect, crm_external_part_t *parts,
    size_t *count, const crm_route_t *route, crm_str_t target,
    crm_str_t header, crm_pool_t *pool, crm_refusal_t *refusal)
{
    size_t        i, own;
    crm_str_t     text;
    const char   *end;
    crm_status_t  rc;

    (void) dialect;

    own = 0;
    *count = 0;

    for (i = 0; i < CRM_EXTERNAL_MAX_PARTS; i++) {
        end = header.len ? memchr(header.data, ',', header.len) : NULL;
        text = end ? crm_str(header.data, (size_t) (end - header.data))
                   : header;

        rc = part_read(&parts[i], part_trim(text), route, target, pool,
                       refusal);
        if (rc != CRM_OK) {
            return rc;
        }

        *count = i + 1;
        own += parts[i].depth == 0;

        if (own > 1) {
            return part_refuse(route, "X-EXTERNAL may name one field of the"
                               " records that are written", refusal);
        }

        if (end == NULL) {
            return CRM_OK;
        }

        header = crm_str(end + 1, header.len - text.len - 1);
    }

    return part_refuse(route, "X-EXTERNAL names too many fields", refusal);
}


static crm_status_t
part_read(crm_external_part_t *part, crm_str_t text,
    const crm_route_t *route, crm_str_t target, crm_pool_t *pool,
    crm_refusal_t *refusal)
{
    size_t      i, n;
    crm_buf_t   buf;
    crm_str_t   names[PART_MAX_NAMES];

    memset(part, 0, sizeof(crm_external_part_t));

    n = part_names(names, text);

    if (n < 2 || !crm_str_eq(names[0], route->module)
        || crm_str_is(names[n - 1], "id"))
    {
        return part_refuse(route, "X-EXTERNAL may name fields of the module"
                           " that is written, as Contacts.Ext or"
                           " Contacts.Account_Name.Ext; name records by their"
                           " ids", refusal);
    }

    part->field = names[n - 1];
    part->depth = n - 2;
    part->module = route->module;

    for (i = 0; i < part->depth; i++) {
        part->path[i] = names[i + 1];
        part->module = part_module(names[i + 1]);
    }

    if (part->module.len == 0) {
        return part_refuse(route, "of which module the records are that this"
                           " lookup field names is not known; name them by"
                           " their ids", refusal);
    }

    /* v8/Accounts of v8/Contacts */

    crm_buf_init(&buf, pool, 0);
    crm_buf_add(&buf, target.data,
                (size_t) (route->module.data - target.data));
    crm_buf_str(&buf, part->module);
    part->list_path = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* How many there are; 0: one of them is none. */
static size_t
part_names(crm_str_t *names, crm_str_t text)
{
    size_t       n;
    const char  *dot;

    for (n = 0; n < PART_MAX_NAMES; n++) {
        dot = text.len ? memchr(text.data, '.', text.len) : NULL;
        names[n] = dot ? crm_str(text.data, (size_t) (dot - text.data))
                       : text;

        if (!crm_zoho_keys_is_name(names[n])) {
            return 0;
        }

        if (dot == NULL) {
            return n + 1;
        }

        text = crm_str(dot + 1, text.len - names[n].len - 1);
    }

    return 0;
}


static crm_str_t
part_module(crm_str_t lookup)
{
    size_t  i;

    for (i = 0; i < sizeof(part_lookups) / sizeof(part_lookups[0]); i++) {
        if (crm_str_is(lookup, part_lookups[i].field)) {
            return crm_strz(part_lookups[i].module);
        }
    }

    return CRM_STR("");
}


static crm_str_t
part_trim(crm_str_t text)
{
    while (text.len && (text.data[0] == ' ' || text.data[0] == '\t')) {
        text = crm_str(text.data + 1, text.len - 1);
    }

    while (text.len && (text.data[text.len - 1] == ' '
                        || text.data[text.len - 1] == '\t'))
    {
        text.len--;
    }

    return text;
}


static crm_status_t
part_refuse(const crm_route_t *route, const char *reason,
    crm_refusal_t *refusal)
{
    crm_dialect_refusal(refusal, CRM_REFUSE_TARGET, reason);

    refusal->operation = route->operation;
    refusal->action = route->action;
    refusal->module = route->module;
    refusal->where = CRM_STR("X-EXTERNAL");

    return CRM_EINVAL;
}
