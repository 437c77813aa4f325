/*
 * Recipients of mail: who the parties of an email_notification are.
 */

#include "rules/crm_recipient.h"

#include "base/crm_limits.h"
#include "rules/crm_kind.h"
#include "rules/crm_who.h"

#include <stdarg.h>
#include <stdio.h>


typedef struct {
    crm_recipients_t     *found;
    size_t                missed_max;
    crm_map_t             seen;         /* addresses in lower case */
    const crm_ruleset_t  *rules;
    const crm_names_t    *names;
    const crm_record_t   *record;
    crm_str_t             owner_field;
    crm_str_t             actor_id;
    crm_pool_t           *pool;
} finding_t;


static crm_status_t find_party(finding_t *f, const crm_party_t *party);
static crm_status_t find_group(finding_t *f, crm_str_t name);
static crm_status_t find_all(finding_t *f, const crm_party_t *party);
static crm_status_t find_one_of(finding_t *f, const crm_user_t *user);
static crm_status_t find_above(finding_t *f, const crm_party_t *party);
static crm_status_t find_field(finding_t *f, crm_str_t field,
    const char *what, int address);
static crm_status_t find_value(crm_str_t *text, crm_span_t value,
    crm_pool_t *pool);
static crm_status_t find_user(finding_t *f, crm_str_t id, const char *what);
static crm_status_t find_address(finding_t *f, crm_str_t address,
    const char *what);
static crm_status_t find_missed(finding_t *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));


crm_status_t
crm_recipients_find(crm_recipients_t *recipients, const crm_email_t *email,
    const crm_ruleset_t *rules, const crm_recipients_near_t *near,
    crm_pool_t *pool)
{
    size_t        i;
    finding_t     f;
    crm_status_t  rc;

    memset(recipients, 0, sizeof(crm_recipients_t));

    recipients->to = crm_pool_calloc(pool, CRM_RECIPIENT_MAX,
                                     sizeof(crm_str_t));
    recipients->missed = crm_pool_calloc(pool, email->to_count,
                                         sizeof(crm_str_t));
    if (recipients->to == NULL || recipients->missed == NULL) {
        return CRM_ENOMEM;
    }

    f.found = recipients;
    f.missed_max = email->to_count;
    f.rules = rules;
    f.names = &rules->names;
    f.record = near->record;
    f.owner_field = near->owner_field;
    f.actor_id = near->actor_id;
    f.pool = pool;
    crm_map_init(&f.seen, pool);

    for (i = 0; i < email->to_count && !recipients->too_many; i++) {
        rc = find_party(&f, &email->to[i]);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
find_party(finding_t *f, const crm_party_t *party)
{
    switch (party->type) {

    case CRM_PARTY_ADDRESS:
        return find_address(f, party->name, "the address");

    case CRM_PARTY_USER:
        return find_user(f, party->name, "user");

    case CRM_PARTY_CURRENT_USER:
        return f->actor_id.len
               ? find_user(f, f->actor_id, "current_user")
               : find_missed(f, "current_user: nobody is known to act");

    case CRM_PARTY_GROUP:
        return find_group(f, party->name);

    case CRM_PARTY_ROLE:
    case CRM_PARTY_PROFILE:
        return find_all(f, party);

    case CRM_PARTY_OWNER:
        return find_field(f, f->owner_field, "record_owner", 0);

    case CRM_PARTY_MANAGER:
    case CRM_PARTY_ROLE_HIERARCHY:
        return find_above(f, party);

    case CRM_PARTY_FIELD:
        return find_field(f, party->name, party->name.data, 1);

    default:
        return CRM_OK;          /* no rule has others as recipients */
    }
}


static crm_status_t
find_group(finding_t *f, crm_str_t name)
{
    size_t              i;
    crm_status_t        rc;
    crm_user_t         *user;
    crm_map_entry_t    *entry;
    const crm_group_t  *group;

    entry = crm_map_find(&f->names->groups, name);
    group = entry ? entry->value : NULL;

    for (i = 0; group && i < group->members_count; i++) {
        entry = crm_map_find(&f->names->users, group->members[i]);
        user = entry ? entry->value : NULL;

        rc = user ? find_one_of(f, user) : CRM_OK;
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


/* Users of a role or a profile. */
static crm_status_t
find_all(finding_t *f, const crm_party_t *party)
{
    size_t             i;
    crm_status_t       rc;
    const crm_user_t  *user;

    for (i = 0; i < f->names->users.count; i++) {
        user = f->names->users.entries[i].value;

        if (!crm_str_eq(party->name, party->type == CRM_PARTY_ROLE
                        ? user->role : user->profile))
        {
            continue;
        }

        rc = find_one_of(f, user);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


/* Of many: who is inactive or has no email is passed over. */
static crm_status_t
find_one_of(finding_t *f, const crm_user_t *user)
{
    return user->active && user->email.len
           ? find_address(f, user->email, "a user's email") : CRM_OK;
}


/* Those above the record's owner. */
static crm_status_t
find_above(finding_t *f, const crm_party_t *party)
{
    size_t              i;
    crm_who_t           who;
    const char         *what;
    crm_status_t        rc;
    crm_who_near_t      near;
    const crm_user_t   *user;
    const crm_field_t  *field;

    memset(&near, 0, sizeof(crm_who_near_t));
    near.owner = CRM_STR("");
    near.actor = CRM_STR("");

    what = party->type == CRM_PARTY_MANAGER ? "manager" : "role_hierarchy";
    field = f->record ? crm_record_field(f->record, f->owner_field) : NULL;
    rc = field ? find_value(&near.owner, field->value, f->pool) : CRM_OK;

    if (rc == CRM_OK && near.owner.len == 0) {
        return find_missed(f, "%s: the record shows no owner", what);
    }

    if (rc == CRM_OK) {
        rc = crm_who_all(&who, f->rules, party, 1, &near, f->pool);
    }

    if (rc == CRM_OK && who.count == 0) {
        return find_missed(f, "%s: nobody who is active stands there", what);
    }

    for (i = 0; rc == CRM_OK && i < who.count; i++) {
        user = crm_who_active(f->rules, who.ids[i]);

        rc = user && user->email.len
             ? find_address(f, user->email, what)
             : find_missed(f, "%s: the user has no email", what);
    }

    return rc;
}


crm_str_t
crm_recipient_field(const crm_party_t *party, crm_str_t owner_field)
{
    switch (party->type) {

    case CRM_PARTY_OWNER:
    case CRM_PARTY_MANAGER:
    case CRM_PARTY_ROLE_HIERARCHY:
        return owner_field;

    case CRM_PARTY_FIELD:
        return party->name;

    default:
        return CRM_STR("");
    }
}


/* Who stands in a field: a user by id, or if that may be, an address. */
static crm_status_t
find_field(finding_t *f, crm_str_t name, const char *what, int address)
{
    crm_str_t           text;
    crm_status_t        rc;
    const crm_field_t  *field;

    field = f->record ? crm_record_field(f->record, name) : NULL;

    if (field == NULL) {
        return address ? CRM_OK
                       : find_missed(f, "%s: the record shows no owner",
                                     what);
    }

    rc = find_value(&text, field->value, f->pool);
    if (rc != CRM_OK) {
        return rc;
    }

    if (text.len == 0) {
        return address ? CRM_OK
                       : find_missed(f, "%s: the record has no owner", what);
    }

    if (address && memchr(text.data, '@', text.len)) {
        return find_address(f, text, what);
    }

    return find_user(f, text, what);
}


/* The text of a value, or the id of the object that it is; else empty. */
static crm_status_t
find_value(crm_str_t *text, crm_span_t value, crm_pool_t *pool)
{
    *text = CRM_STR("");

    if (value.type == CRM_JSON_OBJECT) {
        value = crm_span_member(value, CRM_STR("id"));
    }

    if (value.type == CRM_JSON_STRING) {
        *text = crm_span_text(value, pool);

    } else if (value.type == CRM_JSON_NUMBER) {
        *text = crm_span_raw(value);
    }

    return text->data ? CRM_OK : CRM_ENOMEM;
}


static crm_status_t
find_user(finding_t *f, crm_str_t id, const char *what)
{
    crm_user_t       *user;
    crm_map_entry_t  *entry;

    entry = crm_map_find(&f->names->users, id);
    user = entry ? entry->value : NULL;

    if (user == NULL) {
        return find_missed(f, "%s: the rules know no such user", what);
    }

    if (!user->active) {
        return find_missed(f, "%s: the user is inactive", what);
    }

    if (user->email.len == 0) {
        return find_missed(f, "%s: the user has no email", what);
    }

    return find_address(f, user->email, what);
}


/* Each address once, however its letters are written. */
static crm_status_t
find_address(finding_t *f, crm_str_t address, const char *what)
{
    char              lower[CRM_MAX_ADDRESS];
    size_t            i;
    crm_str_t         key;
    crm_map_entry_t  *entry;

    if (!crm_party_is_address(address)) {
        return find_missed(f, "%s: its value is no address", what);
    }

    for (i = 0; i < address.len; i++) {
        lower[i] = address.data[i];

        if (lower[i] >= 'A' && lower[i] <= 'Z') {
            lower[i] += 'a' - 'A';
        }
    }

    if (crm_map_find(&f->seen, crm_str(lower, address.len))) {
        return CRM_OK;
    }

    if (f->found->to_count == CRM_RECIPIENT_MAX) {
        f->found->too_many = 1;
        return CRM_OK;
    }

    key = crm_pool_dup(f->pool, crm_str(lower, address.len));
    entry = key.data ? crm_map_add(&f->seen, key) : NULL;

    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    f->found->to[f->found->to_count++] = address;

    return CRM_OK;
}


/* As many as there are parties: of a group one tells enough. No value stands
 * in it, since it goes to logs. */
static crm_status_t
find_missed(finding_t *f, const char *fmt, ...)
{
    int        n;
    char       text[256];
    va_list    args;
    crm_str_t  copy;

    va_start(args, fmt);
    n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    if (n < 0) {
        return CRM_ENOMEM;
    }

    if (f->found->missed_count == f->missed_max) {
        return CRM_OK;
    }

    copy = crm_pool_dup(f->pool, crm_strz(text));
    if (copy.data == NULL) {
        return CRM_ENOMEM;
    }

    f->found->missed[f->found->missed_count++] = copy;

    return CRM_OK;
}
