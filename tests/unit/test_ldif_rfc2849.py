"""The seven examples of RFC 2849, as they stand there."""

from __future__ import annotations

import io

from um_directory.ldif_import.reader import Item, Mistake, Record, read
from um_directory.model.operation import Add, Delete, Modification, Modify, Rename

EXAMPLE_1 = """\
version: 1
dn: cn=Barbara Jensen, ou=Product Development, dc=airius, dc=com
objectclass: top
objectclass: person
objectclass: organizationalPerson
cn: Barbara Jensen
cn: Barbara J Jensen
cn: Babs Jensen
sn: Jensen
uid: bjensen
telephonenumber: +1 408 555 1212
description: A big sailing fan.

dn: cn=Bjorn Jensen, ou=Accounting, dc=airius, dc=com
objectclass: top
objectclass: person
objectclass: organizationalPerson
cn: Bjorn Jensen
sn: Jensen
telephonenumber: +1 408 555 1212
"""

EXAMPLE_2 = """\
version: 1
dn:cn=Barbara Jensen, ou=Product Development, dc=airius, dc=com
objectclass:top
objectclass:person
objectclass:organizationalPerson
cn:Barbara Jensen
cn:Barbara J Jensen
cn:Babs Jensen
sn:Jensen
uid:bjensen
telephonenumber:+1 408 555 1212
description:Babs is a big sailing fan, and travels extensively in sea
 rch of perfect sailing conditions.
title:Product Manager, Rod and Reel Division
"""

EXAMPLE_3 = """\
version: 1
dn: cn=Gern Jensen, ou=Product Testing, dc=airius, dc=com
objectclass: top
objectclass: person
objectclass: organizationalPerson
cn: Gern Jensen
cn: Gern O Jensen
sn: Jensen
uid: gernj
telephonenumber: +1 408 555 1212
description:: V2hhdCBhIGNhcmVmdWwgcmVhZGVyIHlvdSBhcmUhICBUaGlzIHZhbHVl
 IGlzIGJhc2UtNjQtZW5jb2RlZCBiZWNhdXNlIGl0IGhhcyBhIGNvbnRyb2wgY2hhcmFjdG
 VyIGluIGl0IChhIENSKS4NICBCeSB0aGUgd2F5LCB5b3Ugc2hvdWxkIHJlYWxseSBnZXQg
 b3V0IG1vcmUu
"""

EXAMPLE_4 = """\
version: 1
dn:: b3U95Za25qWt6YOoLG89QWlyaXVz
# dn:: ou=<JapaneseOU>,o=Airius
objectclass: top
objectclass: organizationalUnit
ou:: 5Za25qWt6YOo
# ou:: <JapaneseOU>
ou;lang-ja:: 5Za25qWt6YOo
# ou;lang-ja:: <JapaneseOU>
ou;lang-ja;phonetic:: 44GI44GE44GO44KH44GG44G2
# ou;lang-ja:: <JapaneseOU_in_phonetic_representation>
ou;lang-en: Sales
description: Japanese office

dn:: dWlkPXJvZ2FzYXdhcmEsb3U95Za25qWt6YOoLG89QWlyaXVz
# dn:: uid=<uid>,ou=<JapaneseOU>,o=Airius
userpassword: {SHA}O3HSv1MusyL4kTjP+HKI5uxuNoM=
objectclass: top
objectclass: person
objectclass: organizationalPerson
objectclass: inetOrgPerson
uid: rogasawara
mail: rogasawara@airius.co.jp
givenname;lang-ja:: 44Ot44OJ44OL44O8
# givenname;lang-ja:: <JapaneseGivenname>
title;lang-ja:: 5Za25qWt6YOoIOmDqOmVtw==
preferredlanguage: ja
title;lang-en: Sales, Director
"""

EXAMPLE_5 = """\
version: 1
dn: cn=Horatio Jensen, ou=Product Testing, dc=airius, dc=com
objectclass: top
objectclass: person
objectclass: organizationalPerson
cn: Horatio Jensen
cn: Horatio N Jensen
sn: Jensen
uid: hjensen
telephonenumber: +1 408 555 1212
jpegphoto:< file:///usr/local/directory/photos/hjensen.jpg
"""

EXAMPLE_6 = """\
version: 1
# Add a new entry
dn: cn=Fiona Jensen, ou=Marketing, dc=airius, dc=com
changetype: add
objectclass: top
objectclass: person
objectclass: organizationalPerson
cn: Fiona Jensen
sn: Jensen
uid: fiona
telephonenumber: +1 408 555 1212
jpegphoto:< file:///usr/local/directory/photos/fiona.jpg

# Delete an existing entry
dn: cn=Robert Jensen, ou=Marketing, dc=airius, dc=com
changetype: delete

# Modify an entry's relative distinguished name
dn: cn=Paul Jensen, ou=Product Development, dc=airius, dc=com
changetype: modrdn
newrdn: cn=Paula Jensen
deleteoldrdn: 1

# Rename an entry and move all of its children to a new location in
# the directory tree (only implemented by LDAPv3 servers).
dn: ou=PD Accountants, ou=Product Development, dc=airius, dc=com
changetype: modrdn
newrdn: ou=Product Development Accountants
deleteoldrdn: 0
newsuperior: ou=Accounting, dc=airius, dc=com

# Modify an entry: add an additional value to the postaladdress
# attribute, completely delete the description attribute, replace
# the telephonenumber attribute with two values, and delete a specific
# value from the facsimiletelephonenumber attribute
dn: cn=Paula Jensen, ou=Product Development, dc=airius, dc=com
changetype: modify
add: postaladdress
postaladdress: 123 Anystreet $ Sunnyvale, CA $ 94086
-
delete: description
-
replace: telephonenumber
telephonenumber: +1 408 555 1234
telephonenumber: +1 408 555 5678
-
delete: facsimiletelephonenumber
facsimiletelephonenumber: +1 408 555 9876
-

# Modify an entry: replace the postaladdress attribute with an empty
# set of values (which will cause the attribute to be removed), and
# delete the entire description attribute. Note that the first will
# always succeed, while the second will only succeed if at least
# one value for the description attribute is present.
dn: cn=Ingrid Jensen, ou=Product Support, dc=airius, dc=com
changetype: modify
replace: postaladdress
-
delete: description
-
"""

EXAMPLE_7 = """\
version: 1
# Delete an entry. The operation will attach the LDAPv3
# Tree Delete Control defined in [9]. The criticality
# field is "true" and the controlValue field is
# absent, as required by [9].
dn: ou=Product Development, dc=airius, dc=com
control: 1.2.840.113556.1.4.805 true
changetype: delete
"""


def items(text: str) -> list[Item]:
    return list(read(io.BytesIO(text.encode())))


def added(item: Item) -> Add:
    assert isinstance(item, Record)
    assert isinstance(item.operation, Add)
    return item.operation


def test_example_1_a_simple_file_with_two_entries() -> None:
    barbara, bjorn = items(EXAMPLE_1)
    assert (barbara.line, bjorn.line) == (2, 14)
    assert barbara.dn == "cn=Barbara Jensen, ou=Product Development, dc=airius, dc=com"
    assert added(barbara).attributes["cn"] == (b"Barbara Jensen", b"Barbara J Jensen", b"Babs Jensen")
    assert added(bjorn).attributes == {
        "objectclass": (b"top", b"person", b"organizationalPerson"),
        "cn": (b"Bjorn Jensen",),
        "sn": (b"Jensen",),
        "telephonenumber": (b"+1 408 555 1212",),
    }


def test_example_2_a_folded_value_and_no_spaces_after_colons() -> None:
    (barbara,) = items(EXAMPLE_2)
    assert added(barbara).attributes["description"] == (
        b"Babs is a big sailing fan, and travels extensively in search of perfect sailing conditions.",
    )
    assert added(barbara).attributes["title"] == (b"Product Manager, Rod and Reel Division",)


def test_example_3_a_base64_value() -> None:
    (gern,) = items(EXAMPLE_3)
    (description,) = added(gern).attributes["description"]
    assert description == (
        b"What a careful reader you are!  This value is base-64-encoded because it has a control character in "
        b"it (a CR).\r  By the way, you should really get out more."
    )


def test_example_4_utf_8_language_tags_and_comments() -> None:
    office, person = items(EXAMPLE_4)
    assert office.dn == "ou=営業部,o=Airius"
    assert added(office).attributes == {
        "objectclass": (b"top", b"organizationalUnit"),
        "ou": ("営業部".encode(),),
        "ou;lang-ja": ("営業部".encode(),),
        "ou;lang-ja;phonetic": ("えいぎょうぶ".encode(),),
        "ou;lang-en": (b"Sales",),
        "description": (b"Japanese office",),
    }
    assert person.dn == "uid=rogasawara,ou=営業部,o=Airius"
    assert added(person).attributes["title;lang-ja"] == ("営業部 部長".encode(),)


def test_example_5_a_reference_to_a_file_is_refused() -> None:
    assert items(EXAMPLE_5) == [
        Mistake(
            11,
            "cn=Horatio Jensen, ou=Product Testing, dc=airius, dc=com",
            "the value of jpegphoto is given by URL, which is not read; use base64",
        )
    ]


def test_example_6_change_records() -> None:
    by_url, *changes = items(EXAMPLE_6)
    assert isinstance(by_url, Mistake)
    assert by_url.line == 12
    below = "ou=Product Development, dc=airius, dc=com"
    assert changes == [
        Record(15, Delete("cn=Robert Jensen, ou=Marketing, dc=airius, dc=com")),
        Record(19, Rename(f"cn=Paul Jensen, {below}", "cn=Paula Jensen", delete_old_rdn=True)),
        Record(
            26,
            Rename(
                f"ou=PD Accountants, {below}",
                "ou=Product Development Accountants",
                delete_old_rdn=False,
                new_superior="ou=Accounting, dc=airius, dc=com",
            ),
        ),
        Record(
            36,
            Modify(
                f"cn=Paula Jensen, {below}",
                (
                    Modification("add", "postaladdress", (b"123 Anystreet $ Sunnyvale, CA $ 94086",)),
                    Modification("delete", "description"),
                    Modification("replace", "telephonenumber", (b"+1 408 555 1234", b"+1 408 555 5678")),
                    Modification("delete", "facsimiletelephonenumber", (b"+1 408 555 9876",)),
                ),
            ),
        ),
        Record(
            56,
            Modify(
                "cn=Ingrid Jensen, ou=Product Support, dc=airius, dc=com",
                (Modification("replace", "postaladdress"), Modification("delete", "description")),
            ),
        ),
    ]


def test_example_7_a_control_is_refused_by_name() -> None:
    assert items(EXAMPLE_7) == [
        Mistake(
            7,
            "ou=Product Development, dc=airius, dc=com",
            "the critical control 1.2.840.113556.1.4.805 is not supported",
        )
    ]
